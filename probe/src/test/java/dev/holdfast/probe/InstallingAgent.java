package dev.holdfast.probe;

import dev.holdfast.agent.egress.Egress;
import dev.holdfast.agent.egress.EgressSettings;
import dev.holdfast.agent.egress.rule.EgressPolicy;
import dev.holdfast.agent.egress.rule.Rule;
import dev.holdfast.agent.egress.rule.Scope;
import dev.holdfast.agent.job.FilteredNetworks;
import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.agent.job.Workshop;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.model.definition.Phase;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.probe.lab.Lab;
import dev.holdfast.probe.lab.LabAddresses;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An agent in a lab's host, whose policy opens what is public and knows one registry. Told word by
 * word what to run, it runs one job each time, and answers how that ended and what it printed.
 */
public final class InstallingAgent {
  static final String REGISTRY = LabAddresses.PUBLIC.getFirst();
  static final String OTHER = LabAddresses.PUBLIC.get(1);

  private InstallingAgent() {}

  /** FOLDER, RUNNER. */
  public static void main(String[] given) throws Exception {
    PrintStream answers = System.out;
    System.setOut(System.err);
    var installation =
        new Installation(
            Path.of(given[0]),
            RunnerDistribution.of(Path.of(given[1])),
            Optional.empty(),
            Optional.empty(),
            false);
    var policy =
        new EgressPolicy(
            List.of(EgressPolicy.Part.parse(Scope.everyJob(), Optional.of("public"), List.of())),
            List.of(),
            List.of(Rule.parse("open " + REGISTRY + " any")));
    var settings =
        new EgressSettings(
            "installing",
            policy,
            EgressSettings.JOBS4,
            List.of(new InetSocketAddress(InetAddress.ofLiteral(LabAddresses.DNS), 53)),
            Wall.whole(),
            true);
    try (var bench = new Bench(Backend.NAMESPACES, installation)) {
      bench.reconcile(Set.of());
      try (Egress egress = Egress.start(settings)) {
        Workshop workshop =
            bench.workshop(
                bench.backend(Set.of()),
                new FilteredNetworks(egress, "probe"),
                (_, _) -> {},
                Attacks.SMALL,
                Bench.BOUNDS);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          Hearing heard = Bench.run(lease(line), workshop);
          answers.println(heard.outcome() + "\t" + heard.log().strip().replace('\n', '\t'));
        }
      }
    }
  }

  private static Lease lease(String how) {
    String reach =
        "bash -c 'for a in %s/%d %s/%d; do echo \"NAME ${a%%%%/*} $(timeout 5 cat </dev/tcp/$a || echo nothing)\"; done 2>/dev/null'"
            .formatted(REGISTRY, Lab.PORT, OTHER, Lab.PORT);
    // Each try is short, so that one is under way at whatever moment the network opens.
    String lingers =
        "(setsid bash -c 'while :; do timeout 1 cat </dev/tcp/%s/%d >got.new && mv got.new got && exit; sleep 0.05; done' </dev/null >/dev/null 2>&1 &) ; sleep 1"
            .formatted(OTHER, Lab.PORT);
    String looks = "sleep 4; cat got 2>/dev/null || echo nobody got through";
    return switch (how) {
      case "installs" ->
          SteppedLease.of(
              "probe", step("install", reach, true, false), step("build", reach, false, false));
      case "does not install" ->
          SteppedLease.of(
              "probe", step("install", reach, false, false), step("build", reach, false, false));
      case "the second is passed over" ->
          SteppedLease.of(
              "probe", step("install", reach, true, false), step("build", reach, false, true));
      case "leaves a process" ->
          SteppedLease.of(
              "probe", step("install", lingers, true, false), step("build", looks, false, false));
      case "leaves a process, and does not install" ->
          SteppedLease.of(
              "probe", step("install", lingers, false, false), step("build", looks, false, false));
      default -> throw new IllegalArgumentException(how);
    };
  }

  private static Step step(String name, String script, boolean installs, boolean onFailure) {
    return new Step.Command(
        name,
        script.replace("NAME", name),
        Map.of(),
        Optional.empty(),
        onFailure ? Optional.of(When.FAILURE) : Optional.empty(),
        Optional.empty(),
        Map.of(),
        installs ? Optional.of(Phase.INSTALL) : Optional.empty());
  }
}

package dev.holdfast.probe;

import dev.holdfast.agent.egress.Egress;
import dev.holdfast.agent.egress.EgressSession;
import dev.holdfast.agent.egress.EgressSettings;
import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.rule.EgressPolicy;
import dev.holdfast.agent.egress.rule.Scope;
import dev.holdfast.agent.job.FilteredNetworks;
import dev.holdfast.agent.job.JobNetworks;
import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.probe.lab.LabAddresses;
import dev.holdfast.probe.lab.LabGroup;
import dev.holdfast.probe.lab.LabPeer;
import java.io.BufferedReader;
import java.io.IOException;
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
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An agent in a lab's host: runs attacks on the network as jobs with egress. Told line by line what
 * to run, words by tabs; answers each with a line.
 */
public final class LabAgent {
  private static final Scope.JobScope JOB = new Scope.JobScope("probe", "probe", "probe");
  private static final int DNS_PORT = 53;

  private final Bench bench;
  private final Path kit;

  private LabAgent(Bench bench, Path kit) {
    this.bench = bench;
    this.kit = kit;
  }

  /**
   * BACKEND, FOLDER, RUNNER, KIT, then what may be empty: ENGINE and IMAGE, and of machines the
   * folder of IMAGES, the IMAGE among them, and whether by TCG.
   */
  public static void main(String[] given) throws Exception {
    // Answers go there alone; whatever else is printed, as by a logger, goes to the error stream.
    PrintStream answers = System.out;
    System.setOut(System.err);
    var installation =
        new Installation(
            Path.of(given[1]),
            RunnerDistribution.of(Path.of(given[2])),
            Optional.of(given[4]).filter(e -> !e.isEmpty()),
            Optional.of(given[5]).filter(i -> !i.isEmpty()),
            given[6].isEmpty()
                ? Optional.empty()
                : Optional.of(
                    new Installation.Machines(
                        Path.of(given[6]),
                        new MicrovmSettings(given[7], MicrovmSettings.Tcg.valueOf(given[8])))),
            false);
    try (var bench = new Bench(Backend.valueOf(given[0]), installation)) {
      var agent = new LabAgent(bench, Path.of(given[3]));
      var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        answers.println(words(agent.answer(line.split("\t", -1))));
      }
    }
  }

  private static String words(Verdict verdict) {
    String word =
        switch (verdict) {
          case Verdict.Through _ -> "through";
          case Verdict.Stopped _ -> "stopped";
          case Verdict.Absent _ -> "absent";
          case Verdict.Inconclusive _ -> "inconclusive";
        };
    return word + "\t" + Verdict.line(verdict.why());
  }

  /** ATTACK, the names of what is missing, and a word that no other attack knows. */
  private Verdict answer(String[] words) throws InterruptedException {
    Set<Protection> missing =
        Stream.of(words[1].split(",", -1))
            .filter(w -> !w.isEmpty())
            .map(Protection::valueOf)
            .collect(Collectors.toSet());
    var packet = (Trial.Packet) Catalogue.matching(words[0]).getFirst().trial();
    try (Egress egress = Egress.start(settings(missing))) {
      if (!LabTargets.wantsPeer(packet.target())) {
        return verdict(packet, missing, egress, "", words[2]);
      }
      try (var peer = LabPeer.start()) {
        EgressSession other = egress.open("peer", peer.pid(), egress.rulesFor(JOB));
        try {
          return verdict(
              packet, missing, egress, other.address4().orElseThrow().toString(), words[2]);
        } finally {
          other.close();
        }
      }
    } catch (EgressUnavailable | IOException e) {
      return new Verdict.Inconclusive(String.valueOf(e.getMessage()));
    }
  }

  private Verdict verdict(
      Trial.Packet packet, Set<Protection> missing, Egress egress, String peer, String mark)
      throws IOException, InterruptedException {
    Values told = values(egress, peer).with("MARK", mark);
    try (var group = new LabGroup()) {
      JobNetworks filtered = new FilteredNetworks(egress, JOB.pool());
      var workshop =
          bench.workshop(
              bench.backend(missing),
              packet.target().startsWith("multicast") ? joined(filtered, group) : filtered,
              told.checkout(),
              Attacks.SMALL,
              Bench.BOUNDS);
      return Trials.verdict(Bench.run(Leases.of(Prelude.before(packet.script())), workshop), false);
    }
  }

  /** The host hears the group on the job's link before the job is sent. */
  private static JobNetworks joined(JobNetworks filtered, LabGroup group) {
    return new JobNetworks() {
      @Override
      public Optional<String> nameserver(Lease lease) {
        return filtered.nameserver(lease);
      }

      @Override
      public Network open(Lease lease, Sandbox sandbox)
          throws SandboxUnavailable, SandboxRefused, InterruptedException {
        Network opened = filtered.open(lease, sandbox);
        opened.link().ifPresent(group::join);
        return opened;
      }
    };
  }

  private static EgressSettings settings(Set<Protection> missing) {
    var everyJob = EgressPolicy.Part.parse(Scope.everyJob(), Optional.of("public"), List.of());
    var upstream = new InetSocketAddress(InetAddress.ofLiteral(LabAddresses.DNS), DNS_PORT);
    return new EgressSettings(
        "probe",
        new EgressPolicy(List.of(everyJob), List.of(LabTargets.ZONE)),
        EgressSettings.JOBS4,
        List.of(upstream),
        missing.isEmpty() ? Wall.whole() : Wall.without(missing),
        true);
  }

  private Values values(Egress egress, String peer) {
    Map<String, String> variables = new TreeMap<>();
    LabTargets.at(egress.resolver().toString(), peer)
        .forEach((name, address) -> variables.put("TARGET_" + name.replace('-', '_'), address));
    return new Values(kit, "canary", variables);
  }
}

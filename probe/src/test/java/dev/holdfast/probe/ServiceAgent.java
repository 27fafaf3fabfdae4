package dev.holdfast.probe;

import dev.holdfast.agent.egress.Egress;
import dev.holdfast.agent.egress.EgressSettings;
import dev.holdfast.agent.egress.rule.EgressPolicy;
import dev.holdfast.agent.egress.rule.Scope;
import dev.holdfast.agent.job.FilteredNetworks;
import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.agent.job.Workshop;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Service;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.probe.lab.Lab;
import dev.holdfast.probe.lab.LabAddresses;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An agent in a lab's host, which runs one job with egress and a service beside it. Both try to
 * reach the same addresses; what each got is the one line that this prints.
 */
public final class ServiceAgent {
  static final String PRIVATE = "10.9.9.9";
  static final String PUBLIC = LabAddresses.PUBLIC.getFirst();

  private static final int HOST_PORT = 7009;

  /** Does what it was given, for each who connects. */
  private static final String SERVER =
      "use IO::Socket::INET; $s = IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => 5000,"
          + " Listen => 5) or die; while ($c = $s->accept) { print $c `bash -c '$ENV{REACH}'"
          + " service`; close $c }";

  private ServiceAgent() {}

  /** FOLDER, RUNNER, ENGINE, IMAGE, and the protection to leave out, which may be empty. */
  public static void main(String[] given) throws Exception {
    PrintStream answers = System.out;
    System.setOut(System.err);
    var installation =
        new Installation(
            Path.of(given[0]),
            RunnerDistribution.of(Path.of(given[1])),
            Optional.of(given[2]),
            Optional.of(given[3]),
            false);
    Wall wall =
        given[4].isEmpty() ? Wall.whole() : Wall.without(Set.of(Protection.valueOf(given[4])));
    var settings =
        new EgressSettings(
            "services",
            new EgressPolicy(
                List.of(
                    EgressPolicy.Part.parse(Scope.everyJob(), Optional.of("public"), List.of())),
                List.of()),
            EgressSettings.JOBS4,
            List.of(new InetSocketAddress(InetAddress.ofLiteral(LabAddresses.DNS), 53)),
            wall,
            true);
    try (var bench = new Bench(Backend.CONTAINER, installation);
        Egress egress = Egress.start(settings);
        var host = new ServerSocket(HOST_PORT)) {
      Thread.ofPlatform().daemon().start(() -> greet(host));
      var hearing = Bench.run(lease(given[3]), networked(bench, egress));
      answers.println(hearing.outcome() + "\t" + hearing.log().strip().replace('\n', '\t'));
    }
  }

  private static void greet(ServerSocket host) {
    while (true) {
      try (var caller = host.accept()) {
        caller.getOutputStream().write("host\n".getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        if (host.isClosed()) {
          return;
        }
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Workshop networked(Bench bench, Egress egress) throws IOException {
    long mib = 1024 * 1024;
    var limits = new Limits(768 * mib, 2000, 512, 32 * mib, 200 * mib);
    Workshop plain = bench.workshop(bench.backend(Set.of()), (_, _) -> {}, limits, Bench.BOUNDS);
    return new Workshop(
        plain.backend(),
        plain.policy(),
        new FilteredNetworks(egress, "probe"),
        plain.checkout(),
        plain.directories(),
        plain.distribution(),
        plain.classes(),
        plain.limits(),
        plain.bounds(),
        plain.patience(),
        plain.clock(),
        plain.timer());
  }

  private static Lease lease(String image) {
    // What answers at each address, one a line.
    String reach =
        "for a in %s/%d %s/%d %s/%d; do echo \"${0##*/} ${a%%%%/*} $(timeout 10 bash -c \"cat </dev/tcp/$a\" 2>/dev/null || echo nothing)\"; done"
            .formatted(PUBLIC, Lab.PORT, PRIVATE, Lab.PORT, LabAddresses.HOST4, HOST_PORT);
    Lease plain = Leases.of("bash -c '" + reach + "' job; bash -c 'cat </dev/tcp/db/5000'");
    Job job = plain.job().job();
    var service =
        new Service(
            "db",
            image,
            Map.of("REACH", reach),
            List.of("perl", "-e", SERVER),
            new Service.Ready.Port(5000, Optional.of(new TimeLimit("60s"))));
    var with =
        new Job(
            job.name(),
            job.needs(),
            job.runsOn(),
            Optional.of(image),
            job.env(),
            job.matrix(),
            job.directory(),
            job.when(),
            job.timeout(),
            job.tier(),
            job.user(),
            List.of(service),
            Optional.empty(),
            List.of(),
            job.steps());
    return new Lease(
        plain.attempt(),
        plain.fence(),
        plain.number(),
        plain.run(),
        plain.workflow(),
        new PlannedJob(plain.job().key(), Map.of(), List.of(), with),
        plain.event(),
        plain.source(),
        plain.sources(),
        plain.outputs());
  }
}

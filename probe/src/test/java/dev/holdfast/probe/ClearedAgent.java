package dev.holdfast.probe;

import dev.holdfast.agent.egress.Egress;
import dev.holdfast.agent.egress.EgressSettings;
import dev.holdfast.agent.egress.rule.EgressPolicy;
import dev.holdfast.agent.egress.rule.Scope;
import dev.holdfast.agent.job.FilteredNetworks;
import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.agent.job.Workshop;
import dev.holdfast.agent.policy.Clearing;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.model.approval.Clearance;
import dev.holdfast.model.approval.Definition;
import dev.holdfast.model.decision.Limits;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.model.wire.agent.AgentApi.Cleared;
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
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An agent in a lab's host, whose policy opens what is public and lists one destination. Told word
 * by word what its orchestrator cleared, it runs one job each time, and answers how that ended and
 * what it reached.
 */
public final class ClearedAgent {
  static final String LISTED = LabAddresses.PUBLIC.getFirst();
  static final String OTHER = LabAddresses.PUBLIC.get(1);

  private static final Limits CUT_OFF =
      new Limits(false, false, dev.holdfast.model.decision.Egress.NONE, false);

  private final KeyPair orchestrator;
  private final Workshop workshop;

  private ClearedAgent(KeyPair orchestrator, Workshop workshop) {
    this.orchestrator = orchestrator;
    this.workshop = workshop;
  }

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
            List.of(
                EgressPolicy.Part.parse(
                    Scope.everyJob(), Optional.of("public"), List.of("open " + LISTED + " any"))),
            List.of());
    var settings =
        new EgressSettings(
            "cleared",
            policy,
            EgressSettings.JOBS4,
            List.of(new InetSocketAddress(InetAddress.ofLiteral(LabAddresses.DNS), 53)),
            Wall.whole(),
            true);
    KeyPair key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    try (var bench = new Bench(Backend.NAMESPACES, installation)) {
      bench.reconcile(Set.of());
      Clearing clearing = Clearing.in(bench.data(), Clock.systemUTC());
      clearing.met(
          Optional.of(Base64.getEncoder().encodeToString(key.getPublic().getEncoded())));
      try (Egress egress = Egress.start(settings)) {
        var agent = new ClearedAgent(key, workshop(bench, egress, clearing));
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          answers.println(agent.run(line));
        }
      }
    }
  }

  private static Workshop workshop(Bench bench, Egress egress, Clearing clearing)
      throws java.io.IOException {
    Workshop plain =
        bench.workshop(
            bench.backend(Set.of()),
            new FilteredNetworks(egress, "probe"),
            (_, _) -> {},
            Attacks.SMALL,
            Bench.BOUNDS);
    return new Workshop(
        plain.backend(),
        plain.policy(),
        plain.networks(),
        plain.checkout(),
        plain.directories(),
        plain.distribution(),
        plain.classes(),
        plain.limits(),
        plain.bounds(),
        plain.patience(),
        plain.clock(),
        plain.timer(),
        clearing);
  }

  private String run(String how) throws InterruptedException {
    String reach =
        "for a in %s/%d %s/%d; do echo \"${a%%%%/*} $(timeout 5 cat </dev/tcp/$a || echo nothing)\"; done 2>/dev/null"
            .formatted(LISTED, Lab.PORT, OTHER, Lab.PORT);
    Lease lease = Leases.of("bash -c '" + reach + "'");
    Hearing heard =
        Bench.run(
            switch (how) {
              case "unlimited" -> cleared(lease, Tier.NONE, Limits.NONE);
              case "restricted" -> cleared(lease, Tier.NAMESPACES, Limits.RESTRICTED);
              case "cut off" -> cleared(lease, Tier.NAMESPACES, CUT_OFF);
              case "container" -> cleared(lease, Tier.CONTAINER, Limits.RESTRICTED);
              case "loosened limits" -> loosened(lease, Tier.NAMESPACES, Limits.NONE);
              case "loosened floor" -> loosened(lease, Tier.NONE, Limits.RESTRICTED);
              default -> throw new IllegalArgumentException(how);
            },
            workshop);
    return heard.outcome() + "\t" + heard.log().strip().replace('\n', '\t');
  }

  private Lease cleared(Lease lease, Tier floor, Limits limits) {
    return with(lease, clearance(lease, floor, limits).signed(orchestrator.getPrivate()));
  }

  /** As who writes the database does it: another text under the signature that was there. */
  private Lease loosened(Lease lease, Tier floor, Limits limits) {
    String signature =
        clearance(lease, Tier.CONTAINER, Limits.RESTRICTED)
            .signed(orchestrator.getPrivate())
            .signature();
    return with(lease, new Clearance.Signed(clearance(lease, floor, limits), signature));
  }

  private static Clearance clearance(Lease lease, Tier floor, Limits limits) {
    Instant now = Instant.now();
    return new Clearance(
        lease.source().repository(),
        lease.run(),
        Clearance.hash(lease.event()),
        lease.workflow(),
        lease.source().commit(),
        definition(lease).digest(),
        List.of(lease.job().job().name()),
        floor,
        limits,
        Trust.UNKNOWN,
        List.of(),
        now,
        Clearance.until(now));
  }

  private static Definition definition(Lease lease) {
    return Definition.of(List.of(lease.job()), lease.sources());
  }

  private static Lease with(Lease lease, Clearance.Signed signed) {
    return new Lease(
        lease.attempt(),
        lease.fence(),
        lease.number(),
        lease.run(),
        lease.workflow(),
        lease.job(),
        lease.event(),
        lease.source(),
        lease.sources(),
        lease.outputs(),
        lease.tier(),
        lease.pinned(),
        lease.servicePins(),
        Optional.of(new Cleared(signed, definition(lease))));
  }
}

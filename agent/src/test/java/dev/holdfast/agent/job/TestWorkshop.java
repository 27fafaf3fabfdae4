package dev.holdfast.agent.job;

import dev.holdfast.agent.channel.Bounds;
import dev.holdfast.agent.checkout.Checkout;
import dev.holdfast.agent.policy.AgentPolicy;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.SandboxBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;

/** A workshop on a data directory of its own, which every sandbox's user can reach. */
public final class TestWorkshop {
  private TestWorkshop() {}

  public static Path data() throws Exception {
    Path data = Files.createTempDirectory("hf");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx--x--x"));
    return data;
  }

  public static Workshop of(
      Path data, SandboxBackend backend, Checkout checkout, RunnerDistribution distribution)
      throws Exception {
    return new Workshop(
        backend,
        AgentPolicy.standard(),
        JobNetworks.none(),
        checkout,
        new JobDirectories(data),
        distribution,
        new ClassCache(data, 100L << 20, Clock.systemUTC()),
        Limits.standard(),
        new Bounds(16 * 1024 * 1024, 200, 200, 1024 * 1024),
        new Workshop.Patience(
            Duration.ofSeconds(20),
            Duration.ofSeconds(3),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2)),
        Clock.systemUTC(),
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("timer").unstarted(task)));
  }

  /** {@code workshop} with another policy. */
  static Workshop under(AgentPolicy policy, Workshop workshop) {
    return new Workshop(
        workshop.backend(),
        policy,
        workshop.networks(),
        workshop.checkout(),
        workshop.directories(),
        workshop.distribution(),
        workshop.classes(),
        workshop.limits(),
        workshop.bounds(),
        workshop.patience(),
        workshop.clock(),
        workshop.timer());
  }

  /** {@code workshop} with another gate for steps. */
  public static Workshop guarded(Workshop workshop, StepGate gate) {
    return new Workshop(
        workshop.backend(),
        workshop.policy(),
        workshop.networks(),
        workshop.checkout(),
        workshop.directories(),
        workshop.distribution(),
        workshop.classes(),
        workshop.limits(),
        workshop.bounds(),
        workshop.patience(),
        workshop.clock(),
        workshop.timer(),
        workshop.clearing(),
        gate);
  }

  /** The built one, or a reason to skip the test. */
  public static RunnerDistribution built() throws Exception {
    String dist = System.getenv("HOLDFAST_DIST");
    org.junit.jupiter.api.Assumptions.assumeTrue(
        dist != null, "HOLDFAST_DIST is not set: script/build makes a distribution");
    return RunnerDistribution.of(Path.of(String.valueOf(dist), "runner"));
  }
}

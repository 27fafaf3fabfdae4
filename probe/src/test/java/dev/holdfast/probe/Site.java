package dev.holdfast.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;

/** An installation to probe, which goes when it is closed. */
final class Site implements AutoCloseable {
  /** What {@code script/lib/image} makes. */
  static final String IMAGE = "holdfast/demo-debian:1";

  private final Path folder;
  private final Probe probe;

  private Site(Path folder, Probe probe) {
    this.folder = folder;
    this.probe = probe;
  }

  /** One with a real distribution, or a reason to skip the test. */
  static Site open(Backend backend) throws Exception {
    String dist = System.getenv("HOLDFAST_DIST");
    Assumptions.assumeTrue(
        dist != null, "HOLDFAST_DIST is not set: script/build makes a distribution");
    String engine = System.getenv("HOLDFAST_TEST_ENGINE");
    Assumptions.assumeTrue(
        backend != Backend.CONTAINER || engine != null, "HOLDFAST_TEST_ENGINE is not set");
    Path folder = Files.createTempDirectory("hfp");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    var installation =
        new Installation(
            folder,
            RunnerDistribution.of(Path.of(String.valueOf(dist), "runner")),
            Optional.ofNullable(engine),
            Optional.of(IMAGE),
            false);
    return new Site(folder, new Probe(installation));
  }

  /** Runs attacks and prints each result, for whoever reads the test's output. */
  Report run(Backend backend, List<Attack> attacks, Protection... without) throws Exception {
    Set<Protection> missing = Set.of(without);
    return new Report(
        probe.run(
            new Probe.Order(attacks, backend, missing),
            r ->
                System.out.printf(
                    "%-34s %-12s %-14s %5d ms  %s%n",
                    r.attack().id(),
                    r.state().word(),
                    r.controlWord(),
                    r.took().toMillis(),
                    r.says())),
        missing);
  }

  @Override
  public void close() throws java.io.IOException {
    Process rm = new ProcessBuilder("rm", "-rf", "--one-file-system", folder.toString()).start();
    assertThat(rm.onExit().join().exitValue()).isZero();
  }
}

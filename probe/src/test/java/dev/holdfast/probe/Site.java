package dev.holdfast.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;

/** An installation to probe, which goes when it is closed. */
final class Site implements AutoCloseable {
  /** What {@code script/lib/image} makes. */
  static final String IMAGE = "holdfast/demo-debian:1";

  /** What nothing in an image of machines is newer than. */
  private static final long EPOCH = 1_767_225_600;

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
            backend == Backend.MICROVM
                ? Optional.of(machines(folder.resolve("images"), Path.of(String.valueOf(dist))))
                : Optional.empty(),
            false);
    return new Site(folder, new Probe(installation));
  }

  /** By translation, which runs everywhere. */
  private static Installation.Machines machines(Path data, Path dist) throws Exception {
    Assumptions.assumeTrue(
        Boolean.getBoolean("holdfast.machines"),
        "SKIPPED: machines are slow without KVM; script/show microvm runs them, with"
            + " -Dholdfast.machines=true");
    for (String name : List.of("HOLDFAST_TEST_KERNEL", "HOLDFAST_TEST_ROOTFS")) {
      Assumptions.assumeTrue(
          System.getenv(name) != null, "SKIPPED: no " + name + "; script/test sets it");
    }
    Path guest = dist.resolve("guest/holdfast-guest");
    Assumptions.assumeTrue(
        Files.exists(guest), "SKIPPED: the distribution has no guest agent (no gcc)");
    new MachineImages(Files.createDirectory(data))
        .build(
            MicrovmSettings.USUAL_IMAGE,
            new MachineImages.Ingredients(
                Path.of(System.getenv("HOLDFAST_TEST_ROOTFS")),
                "the demo's Debian",
                Path.of(System.getenv("HOLDFAST_TEST_KERNEL")),
                Optional.empty(),
                guest,
                dist.resolve("runner"),
                EPOCH),
            InstantSource.system().instant());
    return new Installation.Machines(
        data.resolve("microvm"),
        new MicrovmSettings(MicrovmSettings.USUAL_IMAGE, MicrovmSettings.Tcg.ONLY));
  }

  /** What of the image of machines is not as it was made. */
  List<String> damageToTheImage() throws Exception {
    var images = new MachineImages(folder.resolve("images"));
    return images.verify(images.named(MicrovmSettings.USUAL_IMAGE)).problems();
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

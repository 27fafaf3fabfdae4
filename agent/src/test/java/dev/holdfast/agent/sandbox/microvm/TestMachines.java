package dev.holdfast.agent.sandbox.microvm;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import dev.holdfast.agent.sandbox.microvm.qemu.Accelerator;
import dev.holdfast.model.digest.Sha256;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * Machines for tests: an image of the demo's Debian with the guest agent of these sources, made
 * once and kept, and QEMU by translation, since no host of ours is known to run machines under KVM.
 */
public final class TestMachines {
  /** What nothing in the image is newer than. */
  public static final long EPOCH = 1_767_225_600;

  private static final long MIB = 1024 * 1024;

  private TestMachines() {}

  /** Skips the test, saying so, where machines cannot be made or run. */
  public static void assume() {
    Assumptions.assumeTrue(
        Boolean.getBoolean("holdfast.machines"),
        "SKIPPED: machines are slow without KVM; script/show microvm runs them, with"
            + " -Dholdfast.machines=true");
    Assumptions.assumeTrue(HostUser.self().isRoot(), "SKIPPED: machines need root");
    for (String name : new String[] {"HOLDFAST_TEST_KERNEL", "HOLDFAST_TEST_ROOTFS"}) {
      Assumptions.assumeTrue(
          System.getenv(name) != null, "SKIPPED: no " + name + "; script/test sets it");
    }
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/qemu-system-x86_64")),
        "SKIPPED: no qemu-system-x86_64; script/setup test installs it");
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/gcc")),
        "SKIPPED: no gcc; script/setup build installs it");
  }

  /** Gives an agent's {@code data} an image in which a shell is all that can be started. */
  public static void imageFor(Path data) throws Exception {
    imageFor(data, noRunner(target()));
  }

  /** Gives an agent's {@code data} an image with this runner in it. */
  public static void imageFor(Path data, Path runner) throws Exception {
    // Files of an image never change; what machines write is not in it.
    Files.createSymbolicLink(data.resolve("microvm"), made(runner, "").resolve("microvm"));
  }

  /** One whose guest takes nothing of what makes a machine unlike its clones: for controls. */
  static void alikeFor(Path data) throws Exception {
    Files.createSymbolicLink(
        data.resolve("microvm"), made(noRunner(target()), "-DALIKE=1").resolve("microvm"));
  }

  private static Path target() throws IOException {
    return Files.createDirectories(sources().resolve("target/test-machines"));
  }

  public static MicrovmBackend.Driver tcg(Path data) throws Exception {
    return MicrovmBackend.Driver.qemu(data, Accelerator.TCG);
  }

  public static MicrovmBackend backend(Path data) throws Exception {
    return new MicrovmBackend(
        data,
        new MicrovmSettings(MicrovmSettings.USUAL_IMAGE, MicrovmSettings.Tcg.ONLY),
        InstantSource.system(),
        tcg(data),
        start -> {});
  }

  /** A job of one script, in a machine of this much memory with the disk that tests have. */
  static SandboxSpec spec(
      Path data, String attempt, int memoryMib, Optional<String> nameserver, String script)
      throws IOException, InterruptedException {
    Path directory = new JobDirectories(data).create(attempt);
    return new SandboxSpec(
        attempt,
        directory,
        directory,
        Optional.empty(),
        new Limits(memoryMib * MIB, 1000, 64, 16 * MIB, 48 * MIB),
        nameserver,
        List.of("/bin/sh", "-c", script),
        Map.of("PATH", "/usr/bin:/bin"));
  }

  /** Processes of monitors that this agent started, by their place in {@code /proc}. */
  static List<String> monitors(Path data) throws IOException {
    var found = new ArrayList<String>();
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        try {
          String command = Files.readString(process.resolve("cmdline"));
          if (command.contains("-nodefaults") && command.contains(data.toRealPath().toString())) {
            found.add(process.toString());
          }
        } catch (IOException gone) {
          // It ended while we looked.
        }
      }
    }
    return found;
  }

  /** The guest agent, compiled from these sources. */
  public static Path guestAgent(Path target) throws Exception {
    return guestAgent(target, "");
  }

  private static Path guestAgent(Path target, String extra) throws Exception {
    Path out = target.resolve("holdfast-guest").toAbsolutePath();
    Process make =
        new ProcessBuilder(
                "make",
                "-s",
                "-C",
                sources().resolve("guest").toString(),
                "OUT=" + out,
                "EXTRA=" + extra)
            .inheritIO()
            .start();
    if (make.waitFor() != 0) {
      throw new IOException("the guest agent cannot be compiled");
    }
    return out;
  }

  private static Path sources() {
    Path here = Path.of("").toAbsolutePath();
    return Files.isDirectory(here.resolve("guest")) ? here : here.resolve("..").normalize();
  }

  /** A runner of no use: what these tests start is a shell. */
  public static Path noRunner(Path target) throws IOException {
    Path runner = Files.createDirectories(target.resolve("no-runner"));
    Files.writeString(runner.resolve("VERSION"), "none\n");
    return runner;
  }

  public static MachineImages.Ingredients ingredients(Path target, Path runner) throws Exception {
    return ingredients(target, runner, "");
  }

  private static MachineImages.Ingredients ingredients(Path target, Path runner, String extra)
      throws Exception {
    return new MachineImages.Ingredients(
        Path.of(System.getenv("HOLDFAST_TEST_ROOTFS")),
        "the demo's Debian",
        Path.of(System.getenv("HOLDFAST_TEST_KERNEL")),
        Optional.empty(),
        guestAgent(target, extra),
        runner,
        EPOCH);
  }

  /** Where it is, made the first time and whenever something of it has changed. */
  private static synchronized Path made(Path runner, String extra) throws Exception {
    String version = Files.readString(runner.resolve("VERSION")).strip();
    Path target = Files.createDirectories(target().resolve(Sha256.hex(version + extra, 6)));
    try (var lock =
            FileChannel.open(
                target.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var _ = lock.lock()) {
      MachineImages.Ingredients of = ingredients(target, runner, extra);
      String now =
          Files.getLastModifiedTime(of.guestAgent()) + " " + of.system() + " " + of.kernel();
      Path done = target.resolve("made-of");
      if (!Files.exists(done) || !Files.readString(done).equals(now)) {
        new MachineImages(target)
            .build(MicrovmSettings.USUAL_IMAGE, of, InstantSource.system().instant());
        Files.writeString(done, now);
      }
      return target;
    }
  }
}

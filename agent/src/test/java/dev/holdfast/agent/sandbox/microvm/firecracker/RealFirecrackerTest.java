package dev.holdfast.agent.sandbox.microvm.firecracker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.cgroup.Cgroups;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.agent.sandbox.microvm.TestMachines;
import dev.holdfast.agent.sandbox.microvm.image.MachineImage;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import dev.holdfast.agent.sandbox.microvm.vmm.Disk;
import dev.holdfast.agent.sandbox.microvm.vmm.Kernel;
import dev.holdfast.agent.sandbox.microvm.vmm.Machine;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineSpec;
import dev.holdfast.agent.sandbox.microvm.vmm.Snapshot;
import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import dev.holdfast.agent.sandbox.namespaces.Slots;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Turns itself on where a Firecracker, its jailer and a processor that runs machines are found. It
 * has never run where this was written: until it has passed somewhere, the driver is known to keep
 * to the published API, and no more.
 */
class RealFirecrackerTest {
  private static final long MIB = 1024 * 1024;
  private static final Duration BOOT = Duration.ofSeconds(20);

  @TempDir Path data = Path.of("");

  private static Path program(String name) {
    Optional<Path> found =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .map(folder -> Path.of(folder, name))
            .filter(Files::isExecutable)
            .findFirst();
    if (found.isEmpty()) {
      System.err.println(
          "SKIPPED: no program " + name + " on the PATH, so no real Firecracker is tried");
    }
    Assumptions.assumeTrue(found.isPresent(), "SKIPPED: no program " + name + " on the PATH");
    return found.orElseThrow();
  }

  private MachineSpec spec(String id, MachineImages images, MachineImage image, HostUser user)
      throws Exception {
    Path directory = Files.createDirectory(data.resolve(id));
    Path upper = directory.resolve("upper");
    StandIn.run("truncate", "-s", "64M", upper.toString());
    return new MachineSpec(
        id,
        directory,
        new Kernel(
            images.kernel(image),
            Optional.of(images.initramfs(image)),
            "console=ttyS0 quiet panic=-1"),
        List.of(
            new Disk("base", images.base(image), false, Optional.empty()),
            new Disk("upper", upper, true, Optional.empty())),
        Optional.empty(),
        Optional.empty(),
        1,
        256,
        user,
        new Limits(512 * MIB, 1000, 128, MIB));
  }

  @Test
  void aMachineBootsAndIsRestored_withTheTimesThatItTook() throws Exception {
    var settings =
        new FirecrackerSettings(
            program("firecracker"),
            program("jailer"),
            Files.createDirectory(data.resolve("j")),
            5000,
            Duration.ofSeconds(10));
    TestMachines.assume();
    TestMachines.imageFor(data);
    var images = new MachineImages(data);
    MachineImage image = images.named(MicrovmSettings.USUAL_IMAGE);
    try (Slots.Slot slot = new Slots(Path.of("/run/holdfast/users")).take();
        var vmm = FirecrackerVmm.open(settings, Cgroups.of(data))) {
      Snapshot kept;
      long start = System.nanoTime();
      try (Machine machine = vmm.boot(spec("cold", images, image, slot.user()))) {
        try {
          machine.connect(BOOT).close();
        } catch (VmmFailed e) {
          System.err.println("SKIPPED: Firecracker is here and runs no machine: " + e.getMessage());
          Assumptions.abort("SKIPPED: no machine boots here: " + e.getMessage());
        }
        print(vmm, "cold", start);
        kept = machine.snapshot(data.resolve("kept"));
      }
      start = System.nanoTime();
      try (Machine machine = vmm.restore(kept, spec("restored", images, image, slot.user()))) {
        machine.connect(BOOT).close();
        print(vmm, "restored", start);
      }
      assertThat(vmm.leftovers()).isEmpty();
    }
  }

  private static void print(FirecrackerVmm vmm, String how, long start) {
    long millis = (System.nanoTime() - start) / 1_000_000;
    System.out.println(
        "figure: " + vmm.what() + ", " + how + " start to guest agent = " + millis + " ms");
  }
}

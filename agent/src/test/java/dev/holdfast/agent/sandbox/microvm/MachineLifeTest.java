package dev.holdfast.agent.sandbox.microvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.microvm.image.MachineImage;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import dev.holdfast.agent.sandbox.microvm.vmm.Kernel;
import dev.holdfast.agent.sandbox.microvm.vmm.Machine;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineEnd;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How machines end, each way with a clear word and an empty host. */
class MachineLifeTest {
  private static final long MIB = 1024 * 1024;

  private final Path data = makeData();
  private final List<String> before = new ArrayList<>();

  private static Path makeData() {
    try {
      return Files.createTempDirectory(
          "hf", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeAll
  static void machines() {
    TestMachines.assume();
  }

  @BeforeEach
  void prepare() throws Exception {
    TestMachines.imageFor(data);
    before.addAll(onHost());
  }

  @AfterEach
  void theHostIsEmpty() throws Exception {
    try {
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(() -> assertThat(ofMachines()).isEmpty());
      assertThat(onHost()).isEqualTo(before);
    } finally {
      new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
    }
  }

  /** Network namespaces and interfaces: none more, none fewer. */
  private static List<String> onHost() throws IOException {
    var found = new ArrayList<String>();
    if (Files.isDirectory(Path.of("/run/netns"))) {
      try (Stream<Path> names = Files.list(Path.of("/run/netns"))) {
        names.map(Path::toString).filter(n -> n.contains("hfvm")).sorted().forEach(found::add);
      }
    }
    return found;
  }

  /** Processes, cgroups, lines and disks of this test's machines. */
  private List<String> ofMachines() throws Exception {
    var found = new ArrayList<String>();
    found.addAll(TestMachines.monitors(data));
    found.addAll(TestMachines.tcg(data).vmm().leftovers());
    try (Stream<Path> files = Files.walk(data.resolve("job"))) {
      files.filter(f -> f.toString().endsWith(".ext4")).map(Path::toString).forEach(found::add);
    }
    return found;
  }

  private SandboxSpec spec(String attempt, Optional<String> nameserver, String script)
      throws Exception {
    return TestMachines.spec(data, attempt, 256, nameserver, script);
  }

  @Test
  void aMonitorThatIsKilled_isTheJobsEndWithTheReason() throws Exception {
    try (var backend = TestMachines.backend(data);
        Sandbox sandbox =
            backend.create(spec("att_killed", Optional.of("198.18.0.1"), "echo up; sleep 600"))) {
      sandbox.start();
      await().atMost(Duration.ofMinutes(2)).until(() -> sandbox.diagnostics().equals("up"));
      assertThat(onHost()).as("control: the machine has a namespace").hasSize(before.size() + 1);
      assertThat(ofMachines()).as("control: the machine is found").isNotEmpty();
      ProcessHandle.of(sandbox.process()).orElseThrow().destroyForcibly();
      assertThat(sandbox.exited().get(20, TimeUnit.SECONDS)).isEqualTo(137);
      assertThat(sandbox.collapse().orElseThrow())
          .startsWith("the job's machine is gone; its monitor was ended by signal 9")
          .contains("console");
    }
  }

  @Test
  void aGuestThatDoesNotComeUp_isGivenUpAtItsDeadline() throws Exception {
    var hasty = new MicrovmBackend.Driver(TestMachines.tcg(data).vmm(), Duration.ofMillis(700));
    var settings = new MicrovmSettings(MicrovmSettings.USUAL_IMAGE, MicrovmSettings.Tcg.ONLY);
    try (var backend =
            new MicrovmBackend(data, settings, InstantSource.system(), hasty, start -> {});
        Sandbox sandbox = backend.create(spec("att_stuck", Optional.empty(), "true"))) {
      assertThatThrownBy(sandbox::start)
          .isInstanceOf(SandboxUnavailable.class)
          .hasMessageContaining("the machine does not start: the guest did not come up within")
          .hasMessageContaining("its monitor runs on")
          .hasMessageContaining("console");
    }
  }

  @Test
  void aGuestThatPanics_saysSoOnItsConsoleAndIsOver() throws Exception {
    var images = new MachineImages(data);
    MachineImage image = images.named(MicrovmSettings.USUAL_IMAGE);
    Path directory = new JobDirectories(data).create("att_panic");
    try (var vmm = TestMachines.tcg(data).vmm();
        // Without an initramfs and disks there is no root file system.
        Machine machine =
            vmm.boot(
                new MachineSpec(
                    "hfvm-panic",
                    directory,
                    new Kernel(
                        images.kernel(image), Optional.empty(), "console=ttyS0 panic=-1 quiet"),
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    1,
                    256,
                    new HostUser(65534, 65534),
                    new Limits(256 * MIB, 1000, 64, 16 * MIB)))) {
      assertThat(machine.ended().get(170, TimeUnit.SECONDS)).isEqualTo(new MachineEnd.Off());
      assertThat(machine.console()).contains("Kernel panic - not syncing: VFS");
    }
  }

  @Test
  void aKilledStart_isOverAtOnce() throws Exception {
    try (var backend = TestMachines.backend(data);
        Sandbox sandbox = backend.create(spec("att_early", Optional.empty(), "true"))) {
      sandbox.kill();
      long begin = System.nanoTime();
      assertThatThrownBy(sandbox::start).isInstanceOf(SandboxUnavailable.class);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
    }
  }

  @Test
  void aFullDiskAndAForkBomb_stayInTheMachine() throws Exception {
    String script =
        "dd if=/dev/zero of=/workspace/big bs=1M count=200 2>/dev/null; echo disk $?;"
            + " rm /workspace/big;"
            // In a shell of its own, which ends when it cannot fork.
            + " sh -c 'for i in $(seq 200); do sleep 60 & done; echo unlimited' 2>/dev/null;"
            + " echo forks $?";
    try (var backend = TestMachines.backend(data);
        Sandbox sandbox = backend.create(spec("att_bomb", Optional.empty(), script))) {
      sandbox.handOver();
      sandbox.start();
      assertThat(sandbox.exited().get(170, TimeUnit.SECONDS)).isZero();
      assertThat(sandbox.diagnostics())
          .contains("disk 1")
          .contains("forks 2")
          .doesNotContain("unlimited");
    }
  }

  @Test
  void aJobThatTakesAllMemory_isEndedByItsOwnKernelWhichSaysSo() throws Exception {
    String script = "head -c 1000000000 /dev/zero | tail -n 1 >/dev/null; echo ended $?";
    try (var backend = TestMachines.backend(data);
        Sandbox sandbox = backend.create(spec("att_memory", Optional.empty(), script))) {
      sandbox.handOver();
      sandbox.start();
      assertThat(sandbox.exited().get(170, TimeUnit.SECONDS)).isZero();
      assertThat(sandbox.diagnostics()).contains("ended 137");
      assertThat(sandbox.ranOutOfMemory()).isTrue();
    }
  }

  @Test
  void anImageOfAnotherRelease_isRefusedWithTheMend() throws Exception {
    SandboxSpec spec = spec("att_old", Optional.empty(), "true");
    Files.writeString(spec.distribution().resolve("VERSION"), "another\n");
    try (var backend = TestMachines.backend(data)) {
      assertThatThrownBy(() -> backend.create(spec))
          .isInstanceOf(SandboxUnavailable.class)
          .hasMessageContaining("holdfast image build");
    }
  }
}

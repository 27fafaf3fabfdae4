package dev.holdfast.agent.sandbox.microvm.firecracker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.microvm.MicrovmBackend;
import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import dev.holdfast.agent.sandbox.microvm.TestMachines;
import dev.holdfast.agent.sandbox.microvm.Warm;
import dev.holdfast.agent.sandbox.microvm.firecracker.standin.Fault;
import dev.holdfast.agent.sandbox.microvm.vmm.Machine;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Firecracker as an agent's policy names it. What stands in for it runs no guest, and says so. */
class FirecrackerChosenTest {
  private static Readiness check(Path data, Path firecracker, Path jailer) throws Exception {
    var settings =
        new MicrovmSettings(
            MicrovmSettings.USUAL_IMAGE,
            MicrovmSettings.Tcg.REFUSE,
            Warm.none(),
            Optional.of(new MicrovmSettings.Firecracker(firecracker, jailer)));
    try (var backend = new MicrovmBackend(data, settings, InstantSource.system())) {
      return backend.check();
    }
  }

  @Test
  void aMonitorThatStartsAndWhoseGuestSaysNothingTrue_isNotTrusted() throws Exception {
    TestMachines.assume();
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none())) {
      Path data = host.home().resolve("data");
      TestMachines.imageFor(data);
      Path programs = host.home().resolve("e");
      assertThat(check(data, programs.resolve("firecracker"), programs.resolve("jailer")))
          .isInstanceOfSatisfying(
              Readiness.Unusable.class,
              no ->
                  assertThat(no.why())
                      .startsWith("a trial machine failed: firecracker: the machine does not start")
                      .contains("Linux version 0.0 (stand-in)")
                      .doesNotContain("kvm:")
                      .doesNotContain("tcg:"));
      assertThat(host.journal())
          .as("control: it was started as a machine")
          .anyMatch(line -> line.contains("InstanceStart"));
      assertThat(host.left()).allSatisfy((kind, left) -> assertThat(left).as(kind).isEmpty());
      assertThat(data.resolve("job")).isEmptyDirectory();
    }
  }

  @Test
  void aProgramThatIsNotThere_isSaidAndNothingElseIsTaken() throws Exception {
    TestMachines.assume();
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none())) {
      Path data = host.home().resolve("data");
      TestMachines.imageFor(data);
      Path nowhere = host.home().resolve("e/nowhere");
      assertThat(check(data, nowhere, nowhere))
          .isInstanceOfSatisfying(
              Readiness.Unusable.class,
              no ->
                  assertThat(no.why())
                      .startsWith("a trial machine failed: firecracker: there is no program"));
    }
  }

  @Test
  void theCgroup_hasRoomForTheMonitorBesideTheGuestsMemory() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none());
        var vmm = host.vmm()) {
      MachineSpec spec = host.spec("room");
      try (Machine machine = vmm.boot(spec)) {
        FirecrackerVmmTest.talk(machine);
        assertThat(memoryLimit(host, "room")).isEqualTo(spec.limits().memory() + (128 << 20));
      }
      FirecrackerVmmTest.nothingIsLeft(host, vmm);
    }
  }

  private static long memoryLimit(StandIn host, String name) throws IOException {
    for (String group : host.cgroups().named(name)) {
      for (String file : new String[] {"memory.max", "memory.limit_in_bytes"}) {
        Path limit = Path.of(group, file);
        if (Files.exists(limit)) {
          return Long.parseLong(Files.readString(limit).strip());
        }
      }
    }
    throw new IOException("no cgroup of " + name + " limits memory");
  }
}

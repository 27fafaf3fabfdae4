package dev.holdfast.agent.sandbox.microvm.firecracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.agent.sandbox.microvm.firecracker.standin.Fault;
import dev.holdfast.agent.sandbox.microvm.firecracker.standin.Fault.Kind;
import dev.holdfast.agent.sandbox.microvm.vmm.Machine;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineEnd;
import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a monitor does: an error that says what, soon, and nothing of the machine left. */
class FirecrackerFaultsTest {
  private static final List<String> CALLS =
      List.of(
          "GET /version",
          "PUT /machine-config",
          "PUT /boot-source",
          "PUT /drives/base",
          "PUT /drives/upper",
          "PUT /vsock",
          "PUT /entropy",
          "PUT /serial",
          "PUT /actions");

  static Stream<Arguments> failedCalls() {
    Stream<Arguments> refused =
        CALLS.stream()
            .map(call ->
                Arguments.of(
                    Fault.at(Kind.REFUSE, call),
                    call
                        + " of the machine m is refused with 400, firecracker says: \"refused to"
                        + " see what becomes of it ?[31m\""));
    Stream<Arguments> died =
        CALLS.stream()
            .map(call ->
                Arguments.of(
                    Fault.at(Kind.DIE, call),
                    "its monitor ended with 148, having made a system call that its own filter"
                        + " forbids"));
    return Stream.concat(refused, died);
  }

  @ParameterizedTest
  @MethodSource("failedCalls")
  void whateverCallIsRefusedOrTheMonitorsLast(Fault fault, String says) throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, fault);
        var vmm = host.vmm()) {
      VmmFailed told = catchThrowableOfType(VmmFailed.class, () -> vmm.boot(host.spec("m")));
      assertThat(told).hasMessageContaining(says).hasMessageContaining(fault.call());
      if (fault.kind() == Kind.DIE) {
        assertThat(told).hasMessageContaining("fatal: the monitor has an accident");
      }
      assertThat(told.getMessage()).hasSizeLessThan(1500).doesNotContain("\u001b");
      assertThat(told.getSuppressed()).isEmpty();
      FirecrackerVmmTest.nothingIsLeft(host, vmm);
    }
  }

  static Stream<Arguments> starts() {
    return Stream.of(
        Arguments.of(Fault.of(Kind.NO_SOCKET), "firecracker makes no socket"),
        Arguments.of(Fault.of(Kind.NO_REAL_SOCKET), "is no socket"),
        Arguments.of(
            Fault.at(Kind.HANG, "PUT /actions"), "PUT /actions of the machine m has no answer"),
        Arguments.of(Fault.at(Kind.GARBAGE, "PUT /vsock"), "no HTTP: \"SSH-2.0-OpenSSH_9.2\""),
        Arguments.of(Fault.at(Kind.HUGE, "PUT /vsock"), "length is \"99999999999\""),
        Arguments.of(Fault.at(Kind.ENDLESS_HEAD, "PUT /vsock"), "head has more than 8192 bytes"));
  }

  @ParameterizedTest
  @MethodSource("starts")
  void whateverTheMonitorAnswersOrLeavesOut(Fault fault, String says) throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, fault);
        var vmm = host.vmm(Duration.ofSeconds(5))) {
      assertThatThrownBy(() -> vmm.boot(host.spec("m")))
          .isInstanceOf(VmmFailed.class)
          .hasMessageContaining(says);
      FirecrackerVmmTest.nothingIsLeft(host, vmm);
    }
  }

  static Stream<Arguments> guests() {
    return Stream.of(
        Arguments.of(Kind.GUEST_HANGS_UP, "it hangs up, so nothing in the guest listens"),
        Arguments.of(Kind.GUEST_CUT_OFF, "it hangs up after \"OK 10\""),
        Arguments.of(Kind.GUEST_RUBBISH, "with \"SORRY ?no\" in place of OK and a number"),
        Arguments.of(Kind.GUEST_ENDLESS, "in place of OK and a number"),
        Arguments.of(Kind.GUEST_SILENT, "it was called and said nothing"),
        Arguments.of(Kind.NO_GUEST, "there is no such socket"),
        Arguments.of(Kind.GUEST_LINK, "is no socket"));
  }

  @ParameterizedTest
  @MethodSource("guests")
  void whateverTheGuestAnswersOrLeavesOut(Kind kind, String says) throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.of(kind));
        var vmm = host.vmm()) {
      try (Machine machine = vmm.boot(host.spec("m"))) {
        assertThatThrownBy(() -> machine.connect(Duration.ofMillis(500)))
            .isInstanceOf(VmmFailed.class)
            .hasMessageContaining(says)
            .hasMessageContaining("its last words: ")
            .hasMessageContaining("Linux version 0.0 (stand-in)");
      }
      FirecrackerVmmTest.nothingIsLeft(host, vmm);
    }
  }

  @Test
  void aMonitorThatEndsRightAfterItsStart() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.at(Kind.DIE_AFTER, "PUT /actions"));
        var vmm = host.vmm()) {
      try (Machine machine = vmm.boot(host.spec("m"))) {
        assertThat(machine.ended().get(10, TimeUnit.SECONDS)).isEqualTo(new MachineEnd.Died(1));
        assertThatThrownBy(() -> machine.connect(Duration.ofSeconds(30)))
            .hasMessageContaining("cannot be called on vsock port 5000: its monitor ended with 1")
            .hasMessageContaining("panic: the guest has an accident");
      }
      FirecrackerVmmTest.nothingIsLeft(host, vmm);
    }
  }

  @Test
  void aSlowStartIsNoFault() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.of(Kind.LATE_SOCKET));
        var vmm = host.vmm()) {
      try (Machine machine = vmm.boot(host.spec("m"))) {
        FirecrackerVmmTest.talk(machine);
      }
      FirecrackerVmmTest.nothingIsLeft(host, vmm);
    }
  }

  /** If nobody read it, the pipe would be full before the first answer, and stay so. */
  @Test
  void aGuestThatFloodsItsSerialLineStopsNothingAndCostsNoMemory() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.of(Kind.SERIAL_FLOOD));
        var vmm = host.vmm()) {
      try (Machine machine = vmm.boot(host.spec("m"))) {
        FirecrackerVmmTest.talk(machine);
        assertThat(machine.console()).hasSizeBetween(1000, 64 * 1024).doesNotContain("\u001b");
      }
      FirecrackerVmmTest.nothingIsLeft(host, vmm);
    }
  }

  @Test
  void aSnapshotThatIsALinkToAFileOfRootsIsNotTaken() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.of(Kind.SNAPSHOT_LINK));
        var vmm = host.vmm()) {
      Object mode = Files.getAttribute(Path.of("/etc/shadow"), "unix:mode");
      try (Machine machine = vmm.boot(host.spec("m"))) {
        assertThatThrownBy(() -> machine.snapshot(host.home().resolve("kept")))
            .isInstanceOf(VmmFailed.class)
            .hasMessageContaining("the monitor left no file of its own alone");
      }
      assertThat(Files.getAttribute(Path.of("/etc/shadow"), "unix:mode")).isEqualTo(mode);
      FirecrackerVmmTest.nothingIsLeft(host, vmm);
    }
  }

  @Test
  void aSnapshotThatIsRefusedOrOfAnotherVersionIsSaidSo() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.at(Kind.REFUSE, "PUT /snapshot/create"));
        var vmm = host.vmm()) {
      try (Machine machine = vmm.boot(host.spec("m"))) {
        assertThatThrownBy(() -> machine.snapshot(host.home().resolve("kept")))
            .hasMessageContaining("PUT /snapshot/create of the machine m is refused with 400");
      }
      FirecrackerVmmTest.nothingIsLeft(host, vmm);
    }
    try (var older = StandIn.of("1.15.0", Fault.none());
        var newer = StandIn.of("1.16.1", Fault.none())) {
      try (var first = older.vmm();
          Machine machine = first.boot(older.spec("m"));
          var second = newer.vmm()) {
        var kept = machine.snapshot(newer.home().resolve("kept"));
        assertThatThrownBy(() -> second.restore(kept, newer.spec("m")))
            .hasMessageContaining("the snapshot is of version 1.15.0");
        FirecrackerVmmTest.nothingIsLeft(newer, second);
      }
    }
  }

  @Test
  void aJailerThatRefusesIsSaidSo() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none())) {
      Path jailer = host.home().resolve("e/jailer");
      String text = Files.readString(jailer);
      try (var vmm = host.vmm()) {
        Files.writeString(
            jailer,
            text.replace(
                "set -eu",
                "set -eu; fail() { echo \"jailer: $*\" >&2; exit 1; }; fail 'no such namespace'"));
        assertThatThrownBy(() -> vmm.boot(host.spec("m")))
            .hasMessageContaining("firecracker does not start in ")
            .hasMessageContaining("its monitor ended with 1")
            .hasMessageContaining("no such namespace");
        FirecrackerVmmTest.nothingIsLeft(host, vmm);
      }
    }
  }

  @Test
  void aProgramThatWasReplacedMeanwhileIsNotTaken() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none());
        var vmm = host.vmm()) {
      Path program = host.home().resolve("e/firecracker");
      Files.writeString(program, Files.readString(program).replace("1.16.1", "1.16.2"));
      assertThatThrownBy(() -> vmm.boot(host.spec("m")))
          .hasMessageContaining("was version 1.16.1 when the agent started, and is 1.16.2 now");
      FirecrackerVmmTest.nothingIsLeft(host, vmm);
    }
  }

  @Test
  void anInterruptLeavesNothing() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.at(Kind.HANG, "PUT /actions"));
        var vmm = host.vmm()) {
      Thread waiting = Thread.currentThread();
      var interrupter =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (host.journal().stream().noneMatch(l -> l.startsWith("PUT /actions"))) {
                    TimeUnit.MILLISECONDS.sleep(5);
                  }
                  waiting.interrupt();
                } catch (java.io.IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThatThrownBy(() -> vmm.boot(host.spec("m"))).isInstanceOf(InterruptedException.class);
      interrupter.join();
      FirecrackerVmmTest.nothingIsLeft(host, vmm);
    }
  }
}

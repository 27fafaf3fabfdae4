package dev.holdfast.agent.sandbox.microvm.firecracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.sandbox.microvm.firecracker.standin.Fault;
import dev.holdfast.agent.sandbox.microvm.firecracker.standin.Fault.Kind;
import dev.holdfast.agent.sandbox.microvm.vmm.GuestLine;
import dev.holdfast.agent.sandbox.microvm.vmm.Machine;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineEnd;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineSpec;
import dev.holdfast.agent.sandbox.microvm.vmm.Nic;
import dev.holdfast.agent.sandbox.microvm.vmm.Rate;
import dev.holdfast.agent.sandbox.microvm.vmm.Snapshot;
import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The driver against a stand-in that enforces the published API: a real Firecracker is started
 * nowhere in this class ({@link RealFirecrackerTest} does that where there is one).
 */
class FirecrackerVmmTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  /** Sends a word to the guest, which sends it back. */
  static void talk(Machine machine) throws Exception {
    try (GuestLine line = machine.connect(SOON)) {
      byte[] word = "is anybody there\n".getBytes(StandardCharsets.UTF_8);
      line.output().write(word);
      line.output().flush();
      assertThat(line.input().readNBytes(word.length)).isEqualTo(word);
    }
  }

  static void nothingIsLeft(StandIn host, FirecrackerVmm vmm) throws Exception {
    vmm.close();
    assertThat(host.left()).allSatisfy((kind, found) -> assertThat(found).as(kind).isEmpty());
  }

  private static MachineSpec with(MachineSpec spec, Nic nic, Path namespace) {
    return new MachineSpec(
        spec.id(),
        spec.directory(),
        spec.kernel(),
        spec.disks(),
        Optional.of(nic),
        Optional.of(namespace),
        spec.vcpus(),
        spec.memoryMib(),
        spec.user(),
        spec.limits());
  }

  @Test
  void aMachineIsSetUpInOrder_runsAsItsUserInItsNetwork_andLeavesNothing() throws Exception {
    String namespace = "hf" + ProcessHandle.current().pid();
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none());
        var vmm = host.vmm()) {
      Map<String, List<String>> before = host.left();
      StandIn.run("ip", "netns", "add", namespace);
      try {
        StandIn.run("ip", "-n", namespace, "tuntap", "add", "dev", "tap0", "mode", "tap");
        var nic = new Nic("tap0", "02:00:00:00:00:01", Optional.of(new Rate(1_000_000, 5000)));
        MachineSpec spec = with(host.spec("vm-1"), nic, Path.of("/run/netns", namespace));
        try (Machine machine = vmm.boot(spec)) {
          talk(machine);
          Path proc = Path.of("/proc/" + machine.process());
          String status = Files.readString(proc.resolve("status"));
          int uid = host.user().uid();
          assertThat(status)
              .contains("Uid:\t" + uid + "\t" + uid + "\t" + uid + "\t" + uid)
              .contains("Groups:\t \n")
              .contains("NSpid:\t" + machine.process() + "\t2\n");
          assertThat(Files.readString(proc.resolve("cgroup"))).contains("/vm-1");
          assertThat(Files.readString(proc.resolve("limits")))
              .containsPattern("Max open files +512 +512 ")
              .containsPattern("Max file size +134217728 ");
          assertThat(Files.readSymbolicLink(proc.resolve("ns/net")))
              .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")));
          assertThat(machine.console()).contains("Linux version 0.0 (stand-in)");
          // The control of what is compared below: it sees a machine.
          Map<String, List<String>> now = host.left();
          assertThat(now.get("processes")).isNotEmpty();
          assertThat(now.get("files")).anyMatch(path -> path.endsWith("/vm-1/root/api"));
          assertThat(now.get("cgroups")).containsExactly("vm-1");
        }
        assertThat(host.journal().stream().map(line -> line.split(" \\{")[0].strip()))
            .containsExactly(
                "ARGUMENTS --id vm-1 --api-sock /api --level Warning",
                "GET /version",
                "PUT /machine-config",
                "PUT /boot-source",
                "PUT /drives/base",
                "PUT /drives/upper",
                "PUT /network-interfaces/eth0",
                "PUT /vsock",
                "PUT /entropy",
                "PUT /serial",
                "PUT /actions");
        assertThat(String.join("\n", host.journal())).doesNotContain("mmds");
      } finally {
        StandIn.run("ip", "netns", "del", namespace);
      }
      assertThat(before.values()).allMatch(List::isEmpty);
      nothingIsLeft(host, vmm);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.8.0", "1.12.0", "1.14.1", "1.16.1", "1.17.0-dev"})
  void onlyWhatAVersionHasIsAskedOfIt_alsoToRestore(String version) throws Exception {
    try (var host = StandIn.of(version, Fault.none());
        var vmm = host.vmm()) {
      Snapshot kept;
      try (Machine machine = vmm.boot(host.spec("first"))) {
        talk(machine);
        kept = machine.snapshot(host.home().resolve("kept"));
        assertThat(machine.ended().get(5, TimeUnit.SECONDS)).isEqualTo(new MachineEnd.Killed());
      }
      assertThat(Files.size(kept.memory())).isEqualTo(64L * 1024 * 1024);
      assertThat(Files.getAttribute(kept.memory(), "unix:uid")).isEqualTo(0);
      assertThat(Files.getPosixFilePermissions(kept.state())).hasSize(3);
      try (Machine machine = vmm.restore(kept, host.spec("second"))) {
        talk(machine);
        assertThat(machine.console()).contains("Linux version 0.0 (stand-in)");
      }
      nothingIsLeft(host, vmm);
    }
  }

  @Test
  void twoOfOneSnapshotShareItsMemory_andNeitherCanWriteIt() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none());
        var vmm = host.vmm()) {
      Snapshot kept;
      try (Machine machine = vmm.boot(host.spec("first"))) {
        kept = machine.snapshot(host.home().resolve("kept"));
      }
      try (Machine one = vmm.restore(kept, host.spec("one"));
          Machine two = vmm.restore(kept, host.spec("two"))) {
        Path memory = host.jails().resolve("firecracker/one/root/memory");
        assertThat(Files.isSameFile(memory, kept.memory())).isTrue();
        assertThat(Files.isSameFile(memory, host.jails().resolve("firecracker/two/root/memory")))
            .isTrue();
        String write = "printf x >>memory";
        assertThatThrownBy(() -> asUser(host, "one", write)).hasMessageContaining("denied");
        // The control: what is its own it can write.
        asUser(host, "one", "printf x >>disk-upper");
        talk(one);
        talk(two);
      }
    }
  }

  private static void asUser(StandIn host, String id, String command) throws Exception {
    String user = Integer.toString(host.user().uid());
    StandIn.run(
        "sh",
        "-c",
        "cd \"$1\" && exec setpriv --reuid \"$2\" --regid \"$2\" --clear-groups sh -c \"$3\"",
        "as",
        host.jails().resolve("firecracker").resolve(id).resolve("root").toString(),
        user,
        command);
  }

  @Test
  void aMachineWithoutANetworkHasOneOfItsOwn_withNothingInIt() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none());
        var vmm = host.vmm();
        Machine machine = vmm.boot(host.spec("alone"))) {
      Path net = Path.of("/proc/" + machine.process() + "/net/dev");
      assertThat(Files.readAllLines(net)).hasSize(3).anyMatch(line -> line.contains("lo:"));
    }
  }

  @Test
  void whoeverEndsTheMonitorIsTold_andKillingItIsNoAccident() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none());
        var vmm = host.vmm()) {
      try (Machine machine = vmm.boot(host.spec("shot"))) {
        ProcessHandle.of(machine.process()).orElseThrow().destroyForcibly();
        MachineEnd end = machine.ended().get(5, TimeUnit.SECONDS);
        assertThat(end).isEqualTo(new MachineEnd.Died(137));
        assertThatThrownBy(() -> machine.connect(SOON))
            .isInstanceOf(VmmFailed.class)
            .hasMessageContaining("its monitor was ended by signal 9");
      }
      try (Machine machine = vmm.boot(host.spec("killed"))) {
        machine.kill();
        assertThat(machine.ended().get(5, TimeUnit.SECONDS)).isEqualTo(new MachineEnd.Killed());
      }
      assertThat(host.left().get("processes")).isEmpty();
    }
  }

  @Test
  void whatAMonitorStartedEndsWithIt_evenOutsideItsSession() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.of(Kind.STRAY_CHILD));
        var vmm = host.vmm()) {
      try (Machine machine = vmm.boot(host.spec("stray"))) {
        talk(machine);
        assertThat(host.left().get("processes"))
            .filteredOn(p -> p.matches("\\d+ sleep 1000 "))
            .hasSize(2);
      }
      assertThat(host.left().get("processes")).isEmpty();
    }
  }

  @Test
  void aKilledAgentTakesItsMachinesWithIt_andTheNextRemovesTheRest() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none())) {
      String path = System.getProperty("surefire.test.class.path");
      Process agent =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  path == null ? System.getProperty("java.class.path") : path,
                  KilledAgent.class.getName(),
                  host.home().toString(),
                  Integer.toString(host.user().uid()))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (var said = agent.inputReader()) {
        assertThat(said.readLine()).isEqualTo("the machine runs");
      } finally {
        agent.destroyForcibly().waitFor();
      }
      long deadline = System.nanoTime() + SOON.toNanos();
      while (!host.processes().isEmpty() && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
      assertThat(host.processes()).isEmpty();
      assertThat(host.left().get("files")).isNotEmpty();
      try (var next = host.vmm()) {
        next.removeLeftovers();
        nothingIsLeft(host, next);
      }
    }
  }

  @Test
  void whatAKilledAgentLeftIsFoundAndRemovedByTheNext() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none())) {
      // Never closed, as by an agent that is no more; the object is forgotten with it.
      Machine lost = host.vmm().boot(host.spec("lost"));
      try (var next = host.vmm()) {
        assertThat(next.leftovers())
            .anyMatch(line -> line.startsWith("the jail ") && line.endsWith("/lost"))
            .anyMatch(line -> line.startsWith("the cgroup "))
            .anyMatch(line -> line.startsWith("the process " + lost.process() + " "));
        // One that lives is none.
        try (Machine living = next.boot(host.spec("living"))) {
          next.removeLeftovers();
          talk(living);
        }
        assertThat(next.leftovers()).isEmpty();
      }
      assertThat(host.left().values()).allMatch(List::isEmpty);
      assertThat(lost.ended().get(5, TimeUnit.SECONDS)).isEqualTo(new MachineEnd.Died(137));
    }
  }

  @Test
  void noTwoMachinesHaveOneName_andTheFirstDoesNotNotice() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none());
        var vmm = host.vmm();
        Machine first = vmm.boot(host.spec("same"))) {
      MachineSpec again = host.spec("other");
      var same =
          new MachineSpec(
              "same",
              again.directory(),
              again.kernel(),
              again.disks(),
              again.nic(),
              again.networkNamespace(),
              again.vcpus(),
              again.memoryMib(),
              again.user(),
              again.limits());
      assertThatThrownBy(() -> vmm.boot(same))
          .isInstanceOf(VmmFailed.class)
          .hasMessageContaining("there is a machine same already");
      // Nor by another object, or agent, over the same jails.
      try (var other = host.vmm()) {
        assertThatThrownBy(() -> other.boot(same))
            .isInstanceOf(VmmFailed.class)
            .hasMessageContaining("there is a machine same already, or what is left of one");
      }
      talk(first);
    }
  }

  @Test
  void filesThatOthersCouldWriteOrReadThroughAreRefused() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none());
        var vmm = host.vmm()) {
      MachineSpec spec = host.spec("files");
      Path base = host.home().resolve("base.ext4");
      StandIn.run("chmod", "666", base.toString());
      assertThatThrownBy(() -> vmm.boot(spec)).hasMessageContaining("can write " + base);
      StandIn.run("chmod", "400", base.toString());
      assertThatThrownBy(() -> vmm.boot(spec)).hasMessageContaining("chmod 444 " + base);
      StandIn.run("chmod", "444", base.toString());
      Path upper = spec.directory().resolve("upper");
      Files.createLink(spec.directory().resolve("same"), upper);
      assertThatThrownBy(() -> vmm.boot(spec)).hasMessageContaining("more than one name");
      Files.delete(spec.directory().resolve("same"));
      Files.delete(upper);
      assertThatThrownBy(() -> vmm.boot(spec)).hasMessageContaining(upper + " is not there");
      nothingIsLeft(host, vmm);
    }
  }

  @Test
  void programsThatDoNotBelongTogetherOrAreTooOldAreRefused() throws Exception {
    try (var host = StandIn.of("1.16.1", "1.15.0", Fault.none())) {
      assertThatThrownBy(host::vmm)
          .hasMessageContaining("is version 1.16.1")
          .hasMessageContaining("is version 1.15.0; install both of one release");
    }
    try (var host = StandIn.of("1.7.0", Fault.none())) {
      assertThatThrownBy(host::vmm).hasMessageContaining("install 1.8.0 or newer");
      Files.delete(host.home().resolve("e/firecracker"));
      assertThatThrownBy(host::vmm).hasMessageContaining("there is no program");
    }
  }

  @Test
  void aDataDirectoryWhoseSocketsWouldHaveTooLongANameIsRefused() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none())) {
      FirecrackerSettings set = host.settings(SOON);
      Path deep = host.jails().resolve("a".repeat(60));
      var settings = new FirecrackerSettings(set.firecracker(), set.jailer(), deep, 5000, SOON);
      try (var vmm = FirecrackerVmm.open(settings, host.cgroups())) {
        assertThatThrownBy(() -> vmm.boot(host.spec("b".repeat(40))))
            .hasMessageContaining("and the kernel takes 107; give the agent a data directory");
      }
      assertThat(host.left().values()).allMatch(List::isEmpty);
    }
  }

  @Test
  void disksAreAttachedInTheirOrder_sinceTheirLettersAreAllThatAGuestHas() throws Exception {
    try (var host = StandIn.of(StandIn.NEWEST, Fault.none());
        var vmm = host.vmm();
        Machine machine = vmm.boot(host.spec("order"))) {
      List<String> drives =
          host.journal().stream().filter(line -> line.startsWith("PUT /drives/")).toList();
      assertThat(drives).hasSize(2);
      assertThat(drives.getFirst())
          .contains("\"drive_id\":\"base\"", "\"is_root_device\":false", "\"is_read_only\":true");
      assertThat(drives.getLast())
          .contains("\"is_read_only\":false")
          .contains("\"bandwidth\":{\"size\":1048576,\"refill_time\":1000}");
      assertThat(machine.ended()).isNotDone();
    }
  }
}

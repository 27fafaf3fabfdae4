package dev.holdfast.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.doctor.Finding.Grade;
import dev.holdfast.model.json.JsonText;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a host says, and what the doctor makes of it. */
class ReadingsTest {
  private static final String CGROUPS =
      "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t3\t1\t1\nmemory\t4\t1\t1\npids\t5\t1\t1";

  /** In which nothing is to be mended. */
  private static final Map<String, String> GOOD =
      Map.ofEntries(
          Map.entry("/proc/sys/kernel/seccomp/actions_avail", "kill_process errno allow"),
          Map.entry("/proc/cgroups", CGROUPS),
          Map.entry("/proc/self/ns/user", ""),
          Map.entry("/proc/sys/user/max_user_namespaces", "1000"),
          Map.entry("/dev/loop-control", ""),
          Map.entry("/proc/filesystems", "nodev\toverlay\n\text4"),
          Map.entry("/proc/swaps", "Filename\tType"),
          Map.entry("/proc/sys/kernel/core_pattern", "core"),
          Map.entry("/proc/sys/kernel/unprivileged_bpf_disabled", "2"),
          Map.entry("/proc/sys/kernel/yama/ptrace_scope", "1"));

  private record Table(Map<String, String> files) implements Host {
    @Override
    public Optional<String> text(String path) {
      return Optional.ofNullable(files.get(path)).map(String::strip);
    }

    @Override
    public boolean exists(String path) {
      return files.containsKey(path);
    }
  }

  private static List<Finding> weak(Map<String, String> files) {
    var all = new java.util.ArrayList<>(Kernel.of(new Table(files), true, true));
    all.addAll(Hardening.examine(new Table(files)));
    return all.stream().filter(f -> f.grade() != Grade.OK).toList();
  }

  @Test
  void positiveControl_aGoodHostHasNothingToMend() {
    assertThat(weak(GOOD)).isEmpty();
  }

  /** File, what it says instead (nothing: it is not there), subject (none: all is well), mend. */
  private static Stream<Arguments> readings() {
    return Stream.of(
        row("/proc/sys/kernel/seccomp/actions_avail", "", "seccomp", "CONFIG_SECCOMP_FILTER"),
        row("/proc/sys/kernel/seccomp/actions_avail", "allow", "seccomp", "CONFIG_SECCOMP_FILTER"),
        row("/proc/cgroups", "", "limits", "cgroup_enable=memory"),
        row("/proc/cgroups", CGROUPS.replace("pids\t5", "pids\t0"), "limits", "mount cgroup2"),
        row("/proc/cgroups", CGROUPS.replace("4\t1\t1", "4\t1\t0"), "limits", "memory"),
        row("/sys/fs/cgroup/cgroup.controllers", "cpu memory pids", "", ""),
        row("/proc/self/ns/user", "", "user namespaces", "CONFIG_USER_NS"),
        row("/proc/sys/user/max_user_namespaces", "0", "user namespaces", "max_user_namespaces="),
        row("/proc/sys/kernel/unprivileged_userns_clone", "0", "", ""),
        row("/dev/loop-control", "", "kernel parts", "modprobe"),
        row("/proc/filesystems", "ext4", "kernel parts", "overlay"),
        row("/proc/swaps", "Filename\tType\n/swap\tfile", "swap", "swapaccount=1"),
        row("/proc/sys/kernel/core_pattern", "|/bin/crash %p", "core dumps", "core_pattern=core"),
        row("/proc/sys/kernel/unprivileged_bpf_disabled", "0", "bpf", "bpf_disabled=1"),
        row("/proc/sys/kernel/yama/ptrace_scope", "0", "ptrace", "ptrace_scope=1"),
        row("/proc/sys/kernel/yama/ptrace_scope", "", "", ""));
  }

  private static Arguments row(String... cells) {
    return Arguments.of((Object[]) cells);
  }

  @ParameterizedTest
  @MethodSource("readings")
  void oneFileThatIsNotAsItShouldBe_isOneFinding(
      String file, String text, String subject, String mend) {
    var files = new HashMap<>(GOOD);
    if (text.isEmpty()) {
      files.remove(file);
    } else {
      files.put(file, text);
    }
    List<Finding> found = weak(files);
    assertThat(found)
        .extracting(Finding::subject)
        .isEqualTo(subject.isEmpty() ? List.of() : List.of(subject));
    assertThat(found).allSatisfy(f -> assertThat(f.mend()).contains(mend));
  }

  @Test
  void swapThatTheKernelCanLimit_isNoWeakness() {
    var files = new HashMap<>(GOOD);
    files.put("/proc/swaps", "Filename\tType\n/swap\tfile");
    files.put("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes", "1");
    assertThat(weak(files)).isEmpty();
  }

  @Test
  void partsOfTheKernelThatCannotBeUsed_areNamed() {
    assertThat(Kernel.of(new Table(GOOD), false, false))
        .anySatisfy(f -> assertThat(f.says()).contains("veth").contains("nf_tables"));
  }

  @Test
  void programs_areThoseOfTheUserThatTheAgentIs() {
    var files = new HashMap<String, String>();
    for (String name : List.of("bwrap", "setpriv", "prlimit", "nft", "ip", "mount")) {
      files.put("/usr/sbin/" + name, "");
    }
    Finding root = Programs.examine(new Table(files), true);
    assertThat(root.says()).isEqualTo("not found: mkfs.ext4 (disks of workspaces)");
    assertThat(root.mend()).isEqualTo("apt-get install e2fsprogs");
    assertThat(Programs.examine(new Table(files), false).mend())
        .isEqualTo("apt-get install uidmap");
    files.put("/sbin/mkfs.ext4", "");
    assertThat(Programs.examine(new Table(files), true).grade()).isEqualTo(Grade.OK);
  }

  @Test
  void rootBesideAnEngineThatMapsNobody_isWeak_soIsAnAgentThatIsNot() {
    assertThat(Hardening.user("root", true, true).grade()).isEqualTo(Grade.OK);
    assertThat(Hardening.user("root", true, false).mend()).contains("userns-remap");
    assertThat(Hardening.user("ci", false, true).says()).contains("no disk of their own");
  }

  @ParameterizedTest
  @CsvSource({"rwx--x--x,OK", "rwx------,OK", "rwxr-xr-x,WEAK", "rwx-w----,WEAK", "rwx----w-,WEAK"})
  void dataOfAnAgent_isItsOwn(String mode, Grade grade) {
    assertThat(Hardening.data("/data", PosixFilePermissions.fromString(mode)).grade())
        .isEqualTo(grade);
  }

  @Test
  void aFirewallThatDropsWhatJobsSend_isWeakUnlessItLetsThemThrough() {
    String nft = "iptables v1.8.9 (nf_tables)";
    var drops = Optional.of(List.of("-P FORWARD DROP"));
    assertThat(Firewall.of(nft, Optional.of(List.of("-P FORWARD ACCEPT")), Optional.empty()))
        .satisfies(f -> assertThat(f.grade()).isEqualTo(Grade.OK));
    Finding closed = Firewall.of(nft, drops, Optional.empty());
    assertThat(closed.grade()).isEqualTo(Grade.WEAK);
    assertThat(closed.mend()).contains("-i hfj+ -j ACCEPT");
    assertThat(Firewall.of(nft, drops, Optional.of(List.of("-N DOCKER-USER"))).grade())
        .isEqualTo(Grade.OK);
    var open =
        List.of("-P FORWARD DROP", "-A FORWARD -i hfj+ -j ACCEPT", "-A FORWARD -o hfj+ -j ACCEPT");
    assertThat(Firewall.of(nft, Optional.of(open), Optional.empty()).grade()).isEqualTo(Grade.OK);
    assertThat(Firewall.of("iptables v1.8.9 (legacy)", Optional.empty(), Optional.empty()).says())
        .contains("older kernel tables");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"SecurityOptions\":[\"name=seccomp,profile=default\"],\"Driver\":\"overlay2\",\"CgroupDriver\":\"systemd\"} | 0 | false",
        "{\"SecurityOptions\":[\"name=seccomp\",\"name=rootless\"],\"Driver\":\"overlay2\",\"CgroupDriver\":\"none\"}  | 1 | true",
        "{\"SecurityOptions\":[\"name=seccomp,profile=unconfined\",\"name=userns\"],\"Driver\":\"vfs\"}                 | 2 | true",
        "{} | 1 | false",
      })
  void anEnginesSettings(String info, int weak, boolean mapsUsers) throws Exception {
    var json = JsonText.parse(info);
    assertThat(EngineSettings.examine(json).stream().filter(f -> f.grade() != Grade.OK))
        .hasSize(weak)
        .allSatisfy(f -> assertThat(f.mend()).isNotEmpty());
    assertThat(EngineSettings.mapsUsers(json)).isEqualTo(mapsUsers);
  }
}

package dev.holdfast.cli.doctor;

import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Settings of a host that work, and make what breaks out of a job stronger than it need be. */
final class Hardening {
  private Hardening() {}

  static List<Finding> examine(Host host) {
    var findings = new ArrayList<Finding>();
    findings.add(swap(host));
    String pattern = host.text("/proc/sys/kernel/core_pattern").orElse("core");
    findings.add(
        pattern.startsWith("|")
            ? Finding.weak(
                "core dumps",
                "a program that crashes in a job starts "
                    + pattern.substring(1).split(" ")[0]
                    + " as root on the host",
                "sysctl kernel.core_pattern=core")
            : Finding.ok("core dumps", "into files"));
    findings.add(
        host.number("/proc/sys/kernel/unprivileged_bpf_disabled") == 0
            ? Finding.weak(
                "bpf",
                "every user may load bpf programs into the kernel",
                "sysctl kernel.unprivileged_bpf_disabled=1")
            : Finding.ok("bpf", "not for every user"));
    findings.add(
        host.number("/proc/sys/kernel/yama/ptrace_scope") == 0
            ? Finding.weak(
                "ptrace",
                "a process may read the memory of every other one of its user",
                "sysctl kernel.yama.ptrace_scope=1")
            : Finding.ok("ptrace", "not between processes of a user, or the kernel has no yama"));
    return findings;
  }

  private static Finding swap(Host host) {
    boolean on = host.text("/proc/swaps").orElse("").lines().count() > 1;
    if (!on) {
      return Finding.ok("swap", "off");
    }
    String v2 = host.text("/sys/fs/cgroup/cgroup.controllers").orElse("");
    boolean limited =
        List.of(v2.split(" ")).contains("memory")
            || host.exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes");
    return limited
        ? Finding.ok("swap", "on, and limited with each job's memory")
        : Finding.weak(
            "swap",
            "on, and this kernel cannot limit it, so a job can fill it",
            "swapoff -a, or boot with swapaccount=1");
  }

  /** What an agent may do decides which parts of the wall a job gets. */
  static Finding user(String name, boolean root, boolean engineMapsUsers) {
    if (!root) {
      return Finding.weak(
          "user",
          name
              + " is not root: jobs in namespaces share that user, have no disk of their own and no"
              + " egress, and limits only where the cgroups are delegated",
          "run the agent as root for the whole wall, or take the backend container; see docs/agent.md");
    }
    return engineMapsUsers
        ? Finding.ok("user", name + ": each job has a user, limits and a disk of its own")
        : Finding.weak(
            "user",
            "this is root, and root in a container is root here too: whoever breaks out of one has"
                + " the host",
            "let the engine map users (userns-remap), or use --backend namespaces");
  }

  /** The state of an agent is what it runs jobs by. */
  static Finding data(String path, Set<PosixFilePermission> permissions) {
    if (permissions.contains(PosixFilePermission.OTHERS_WRITE)
        || permissions.contains(PosixFilePermission.GROUP_WRITE)) {
      return Finding.weak("data", path + " can be written by others", "chmod 711 " + path);
    }
    return permissions.contains(PosixFilePermission.OTHERS_READ)
        ? Finding.weak("data", path + " can be listed by every user", "chmod 711 " + path)
        : Finding.ok("data", path + " is its owner's");
  }
}

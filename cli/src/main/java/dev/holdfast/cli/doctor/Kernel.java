package dev.holdfast.cli.doctor;

import java.util.ArrayList;
import java.util.List;

/** What the kernel has of what walls are made of. */
final class Kernel {
  private static final List<String> CONTROLLERS = List.of("memory", "cpu", "pids");

  private Kernel() {}

  static List<Finding> examine(Host host, boolean root) throws InterruptedException {
    return of(
        host,
        works(root, "ip", "link", "add", "hf0", "type", "veth", "peer", "name", "hf1"),
        works(root, "nft", "add", "table", "inet", "holdfast"));
  }

  /**
   * @param veth whether a pair of interfaces could be made
   * @param nft whether a table could be made
   */
  static List<Finding> of(Host host, boolean veth, boolean nft) {
    return List.of(
        seccomp(host), controllers(host), userNamespaces(host), modules(host, veth, nft));
  }

  private static Finding seccomp(Host host) {
    return host.text("/proc/sys/kernel/seccomp/actions_avail")
        .map(actions ->
            actions.contains("errno")
                ? Finding.ok("seccomp", "filters of system calls: " + actions)
                : lacksSeccomp())
        .orElseGet(Kernel::lacksSeccomp);
  }

  private static Finding lacksSeccomp() {
    return Finding.weak(
        "seccomp",
        "this kernel cannot filter system calls, so no job can have a whole wall",
        "boot a kernel with CONFIG_SECCOMP_FILTER");
  }

  /** By {@code /proc/cgroups}, where hierarchy 0 is v2's. */
  private static Finding controllers(Host host) {
    String v2 = host.text("/sys/fs/cgroup/cgroup.controllers").orElse("");
    var there = new ArrayList<String>();
    var lacking = new ArrayList<String>();
    String table = host.text("/proc/cgroups").orElse("");
    for (String controller : CONTROLLERS) {
      if (List.of(v2.split(" ")).contains(controller)) {
        there.add(controller + " (v2)");
      } else if (table
          .lines()
          .map(line -> line.split("\\s+"))
          .anyMatch(c ->
              c.length == 4 && c[0].equals(controller) && !c[1].equals("0") && c[3].equals("1"))) {
        there.add(controller + " (v1)");
      } else {
        lacking.add(controller);
      }
    }
    return lacking.isEmpty()
        ? Finding.ok("limits", "cgroup controllers " + String.join(", ", there))
        : Finding.weak(
            "limits",
            "no cgroup controller " + String.join(", ", lacking) + ", so jobs cannot be limited",
            lacking.contains("memory")
                ? "boot with cgroup_enable=memory, or mount cgroup2 at /sys/fs/cgroup"
                : "mount cgroup2 at /sys/fs/cgroup");
  }

  private static Finding userNamespaces(Host host) {
    String subject = "user namespaces";
    if (!host.exists("/proc/self/ns/user")) {
      return Finding.weak(subject, "this kernel has none", "boot a kernel with CONFIG_USER_NS");
    }
    if (host.number("/proc/sys/user/max_user_namespaces") == 0) {
      return Finding.weak(subject, "none may be made", "sysctl user.max_user_namespaces=10000");
    }
    if (host.number("/proc/sys/kernel/unprivileged_userns_clone") == 0) {
      return Finding.ok(subject, "for root only");
    }
    return Finding.ok(subject, "for every user");
  }

  private static Finding modules(Host host, boolean veth, boolean nft) {
    var lacking = new ArrayList<String>();
    if (!veth) {
      lacking.add("veth (networks of jobs)");
    }
    if (!nft) {
      lacking.add("nf_tables (the egress filter)");
    }
    if (!host.exists("/dev/loop-control")) {
      lacking.add("loop (disks of workspaces)");
    }
    if (!host.text("/proc/filesystems").orElse("").contains("overlay")) {
      lacking.add("overlay (containers)");
    }
    return lacking.isEmpty()
        ? Finding.ok("kernel parts", "veth, nf_tables, loop, overlay")
        : Finding.weak(
            "kernel parts",
            "cannot be used: " + String.join(", ", lacking),
            "modprobe -a veth nf_tables loop overlay, or a kernel that has them");
  }

  /** In a network namespace that goes with the program, so that the host does not change. */
  private static boolean works(boolean root, String... command) throws InterruptedException {
    var all = new ArrayList<String>(List.of("unshare", root ? "-n" : "-rn"));
    all.addAll(List.of(command));
    return Tried.run(all).filter(Tried::worked).isPresent();
  }
}

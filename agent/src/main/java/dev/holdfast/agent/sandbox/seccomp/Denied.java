package dev.holdfast.agent.sandbox.seccomp;

import java.util.Locale;

/**
 * The system calls that no build needs, and what each could be used for. Numbers are the kernel's
 * own for amd64 and arm64; {@code -1} where an architecture never had the call.
 *
 * <p>What depends on arguments ({@code clone}, {@code socket}, {@code ioctl}, {@code personality}
 * …) is in {@link Permitted}. {@code ptrace} is allowed: a pid namespace already keeps it inside
 * the sandbox, and leak checkers and debuggers are part of builds.
 */
public enum Denied {
  // Keys of the kernel: not in any namespace, so one job's would be seen by the next.
  ADD_KEY(248, 217),
  REQUEST_KEY(249, 218),
  KEYCTL(250, 219),

  // Programs and probes inside the kernel.
  BPF(321, 280),
  PERF_EVENT_OPEN(298, 241),
  LOOKUP_DCOOKIE(212, 18),

  // Doors that kernel exploits like to come through, and slow pages for winning races.
  USERFAULTFD(323, 282),
  IO_URING_SETUP(425, 425),
  IO_URING_ENTER(426, 426),
  IO_URING_REGISTER(427, 427),
  VMSPLICE(278, 75),

  // Another kernel, or parts of one.
  KEXEC_LOAD(246, 104),
  KEXEC_FILE_LOAD(320, 294),
  INIT_MODULE(175, 105),
  FINIT_MODULE(313, 273),
  DELETE_MODULE(176, 106),
  CREATE_MODULE(174, -1),
  QUERY_MODULE(178, -1),
  GET_KERNEL_SYMS(177, -1),

  // Other file systems, also inside a user namespace of the job's own.
  MOUNT(165, 40),
  UMOUNT2(166, 39),
  PIVOT_ROOT(155, 41),
  CHROOT(161, 51),
  OPEN_TREE(428, 428),
  MOVE_MOUNT(429, 429),
  FSOPEN(430, 430),
  FSCONFIG(431, 431),
  FSMOUNT(432, 432),
  FSPICK(433, 433),
  MOUNT_SETATTR(442, 442),
  OPEN_TREE_ATTR(467, 467),
  SWAPON(167, 224),
  SWAPOFF(168, 225),
  QUOTACTL(179, 60),
  QUOTACTL_FD(443, 443),
  NFSSERVCTL(180, 42),

  // Other namespaces.
  UNSHARE(272, 97),
  SETNS(308, 268),

  // Files by what no path leads to.
  OPEN_BY_HANDLE_AT(304, 265),
  NAME_TO_HANDLE_AT(303, 264),
  FANOTIFY_INIT(300, 262),
  FANOTIFY_MARK(301, 263),

  // Comparing and reading what other processes have.
  KCMP(312, 272),
  PIDFD_GETFD(438, 438),

  // The host's clock, name, accounting, log, power and hardware.
  SETTIMEOFDAY(164, 170),
  CLOCK_SETTIME(227, 112),
  CLOCK_ADJTIME(305, 266),
  ADJTIMEX(159, 171),
  SETHOSTNAME(170, 161),
  SETDOMAINNAME(171, 162),
  ACCT(163, 89),
  SYSLOG(103, 116),
  REBOOT(169, 142),
  VHANGUP(153, 58),
  IOPL(172, -1),
  IOPERM(173, -1),
  MODIFY_LDT(154, -1),
  USELIB(134, -1),
  USTAT(136, -1),
  SYSFS(139, -1),
  SYSCTL(156, -1),

  // Where memory lies on the host.
  MBIND(237, 235),
  SET_MEMPOLICY(238, 237),
  MIGRATE_PAGES(256, 238),
  MOVE_PAGES(279, 239),
  SET_MEMPOLICY_HOME_NODE(450, 450);

  private final int amd64;
  private final int arm64;

  Denied(int amd64, int arm64) {
    this.amd64 = amd64;
    this.arm64 = arm64;
  }

  /** Its number, or -1 if the architecture does not have it. */
  int number(Architecture architecture) {
    return switch (architecture) {
      case AMD64 -> amd64;
      case ARM64 -> arm64;
    };
  }

  /** Its name, as filters are told it. */
  public String call() {
    return this == SYSCTL ? "_sysctl" : name().toLowerCase(Locale.ROOT);
  }

  /** Whether a program must take it for a kernel that does not have the call, and do without. */
  public boolean looksAbsent() {
    return switch (this) {
      case IO_URING_SETUP, IO_URING_ENTER, IO_URING_REGISTER -> true;
      default -> false;
    };
  }
}

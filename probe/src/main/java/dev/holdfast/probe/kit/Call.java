package dev.holdfast.probe.kit;

/** System calls, by their numbers on x86-64 and on 64-bit ARM. */
enum Call {
  READ(0, 63),
  WRITE(1, 64),
  CLOSE(3, 57),
  IOCTL(16, 29),
  SHMGET(29, 194),
  SHMCTL(31, 195),
  SOCKET(41, 198),
  CONNECT(42, 203),
  ACCEPT(43, 202),
  SENDTO(44, 206),
  BIND(49, 200),
  LISTEN(50, 201),
  SETSOCKOPT(54, 208),
  KILL(62, 129),
  PTRACE(101, 117),
  SYSLOG(103, 116),
  SETSID(112, 157),
  STATFS(137, 43),
  PRCTL(157, 167),
  CHROOT(161, 51),
  MOUNT(165, 40),
  SETHOSTNAME(170, 161),
  MQ_OPEN(240, 180),
  MQ_UNLINK(241, 181),
  ADD_KEY(248, 217),
  KEYCTL(250, 219),
  OPENAT(257, 56),
  MKNODAT(259, 33),
  CLONE(56, 220),
  EXIT_GROUP(231, 94),
  PERF_EVENT_OPEN(298, 241),
  NAME_TO_HANDLE_AT(303, 264),
  OPEN_BY_HANDLE_AT(304, 265),
  PROCESS_VM_READV(310, 270),
  BPF(321, 280),
  USERFAULTFD(323, 282),
  IO_URING_SETUP(425, 425),
  FSOPEN(430, 430),
  CLONE3(435, 435);

  private final int x86;
  private final int arm;

  Call(int x86, int arm) {
    this.x86 = x86;
    this.arm = arm;
  }

  long number() {
    String arch = System.getProperty("os.arch", "");
    return switch (arch) {
      case "amd64", "x86_64" -> x86;
      case "aarch64" -> arm;
      default -> throw new UnsupportedOperationException("no system call numbers for " + arch);
    };
  }
}

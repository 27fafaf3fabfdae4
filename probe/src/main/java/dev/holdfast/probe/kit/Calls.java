package dev.holdfast.probe.kit;

import dev.holdfast.probe.kit.Kernel.Answer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** System calls that no build needs. */
final class Calls {
  private static final long CLONE_NEWUSER = 0x1000_0000L;
  private static final long SIGCHLD = 17;

  /** Where the flags of a mount are in what statfs answers. */
  private static final long STATFS_FLAGS = 80;

  private static final int AT_FDCWD = -100;
  private static final int O_NONBLOCK = 0x800;

  private Calls() {}

  static void keyctl() {
    // KEYCTL_GET_KEYRING_ID of the session's keyring, made if it is not there.
    Say.reached(
        "keyctl", Kernel.call(Call.KEYCTL, 0, -3, 1), Kernel.EPERM, Kernel.EACCES, Kernel.ENOSYS);
  }

  static void addKey() {
    var payload = Kernel.text("x");
    Answer answer =
        Kernel.call(
            Call.ADD_KEY, Kernel.text("user"), Kernel.text("holdfast-probe"), payload, 1, -4);
    Say.reached("add_key", answer, Kernel.EPERM, Kernel.EACCES, Kernel.ENOSYS);
  }

  static void bpf() {
    // BPF_MAP_FREEZE of a descriptor that is not open: asks for no capability first.
    MemorySegment attributes = Kernel.memory(128);
    attributes.set(ValueLayout.JAVA_INT, 0, 999_999);
    Answer freeze = Kernel.call(Call.BPF, 22, attributes.address(), 128);
    Say.reached("bpf", freeze, Kernel.EPERM, Kernel.ENOSYS);
  }

  static void perf() {
    // No event is described, which the kernel says before it asks who calls.
    Say.reached(
        "perf_event_open",
        Kernel.call(Call.PERF_EVENT_OPEN, 0, 0, -1, -1, 0),
        Kernel.EPERM,
        Kernel.ENOSYS);
  }

  static void userfaultfd() {
    // UFFD_USER_MODE_ONLY, which needs no rights.
    Answer answer = Kernel.call(Call.USERFAULTFD, O_NONBLOCK | 1);
    Say.reached("userfaultfd", answer, Kernel.EPERM, Kernel.ENOSYS);
  }

  static void ioUring() {
    Say.reached(
        "io_uring_setup", Kernel.call(Call.IO_URING_SETUP, 1, 0), Kernel.EPERM, Kernel.ENOSYS);
  }

  static void cloneUser() {
    loaded();
    born("clone", Kernel.call(Call.CLONE, CLONE_NEWUSER | SIGCHLD));
  }

  static void clone3User() {
    MemorySegment arguments = Kernel.memory(88);
    arguments.set(ValueLayout.JAVA_LONG, 0, CLONE_NEWUSER);
    arguments.set(ValueLayout.JAVA_LONG, 32, SIGCHLD);
    loaded();
    born("clone3", Kernel.call(Call.CLONE3, arguments.address(), 88));
  }

  /**
   * Parent and child would read one jar by one file position, each where the other left it: so no
   * class may be missing when there are two.
   */
  private static void loaded() {
    Kernel.call(Call.SETSOCKOPT, -1).ok();
  }

  private static void born(String call, Answer answer) {
    if (answer.ok() && answer.value() == 0) {
      // The child: half a Java, which must do nothing more.
      Kernel.call(Call.EXIT_GROUP, 0);
    }
    Say.succeeded(call + " into new users", answer);
  }

  static void mount() {
    Answer answer =
        Kernel.call(Call.MOUNT, Kernel.text("x"), Kernel.text("/tmp"), Kernel.text("tmpfs"), 0, 0);
    Say.succeeded("mount of a tmpfs", answer);
  }

  static void fsopen() {
    Say.succeeded("fsopen of a tmpfs", Kernel.call(Call.FSOPEN, Kernel.text("tmpfs"), 0));
  }

  /** What is in it is looked at by nobody: that it is there, and not read-only, is enough. */
  static void cgroup() throws java.io.IOException {
    String controllers = "";
    for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
      String[] fields = line.split(":", 3);
      if (!fields[1].isEmpty() && !fields[1].startsWith("name=")) {
        controllers = fields[1];
      }
    }
    String kind = controllers.isEmpty() ? "cgroup2" : "cgroup";
    Path place = Files.createDirectories(Path.of("/tmp/probe-cgroup"));
    Answer answer =
        Kernel.call(
            Call.MOUNT,
            Kernel.text("none"),
            Kernel.text(place.toString()),
            Kernel.text(kind),
            0,
            Kernel.text(controllers));
    Say.succeeded("mount of a " + kind + " hierarchy", answer);
  }

  static void chroot() {
    Say.succeeded("chroot to /workspace", Kernel.call(Call.CHROOT, Kernel.text("/workspace")));
  }

  static void hostname() {
    Answer answer = Kernel.call(Call.SETHOSTNAME, Kernel.text("probe"), 5);
    Say.succeeded("sethostname", answer);
  }

  static void mknod() {
    // Block device 7:0, the first loop device; only made, never opened.
    Answer answer =
        Kernel.call(Call.MKNODAT, AT_FDCWD, Kernel.text("/tmp/probe-device"), 0x6000 | 0600, 0x700);
    Say.succeeded("mknod of a block device", answer);
  }

  static void handle() {
    MemorySegment handle = Kernel.memory(8 + 128);
    handle.set(ValueLayout.JAVA_INT, 0, 128);
    MemorySegment mountId = Kernel.memory(8);
    Answer named =
        Kernel.call(
            Call.NAME_TO_HANDLE_AT,
            AT_FDCWD,
            Kernel.text("/workspace"),
            handle.address(),
            mountId.address(),
            0);
    if (!named.ok()) {
      Say.stopped("name_to_handle_at: " + named.words());
      return;
    }
    long directory = Kernel.call(Call.OPENAT, AT_FDCWD, Kernel.text("/workspace"), 0).value();
    Say.succeeded(
        "open_by_handle_at", Kernel.call(Call.OPEN_BY_HANDLE_AT, directory, handle.address(), 0));
  }

  static void syslog() throws java.io.IOException {
    Path restricted = Path.of("/proc/sys/kernel/dmesg_restrict");
    if (Files.exists(restricted) && Files.readString(restricted).strip().equals("1")) {
      Say.absent("this kernel keeps its log to root");
      return;
    }
    MemorySegment buffer = Kernel.memory(4096);
    Say.succeeded("reading the kernel's log", Kernel.call(Call.SYSLOG, 3, buffer.address(), 4096));
  }

  static void newPrivileges() {
    Answer answer = Kernel.call(Call.PRCTL, 39);
    if (answer.value() == 1) {
      Say.stopped("no program gives more rights than its starter had");
    } else {
      Say.through("a program may give more rights than its starter had: " + answer.words());
    }
  }

  private static boolean mountedReadOnly(String name) {
    MemorySegment answer = Kernel.memory(256);
    Answer asked = Kernel.call(Call.STATFS, Kernel.text(name), answer.address());
    return asked.ok() && (answer.get(ValueLayout.JAVA_LONG, STATFS_FLAGS) & 1) != 0;
  }

  /** Whether a file of the kernel is out of reach by more than its permissions. */
  static void readOnly(String name) throws java.io.IOException {
    Path file = Path.of(name);
    if (!Files.exists(file)) {
      Say.absent(name + " is not there");
    } else if (mountedReadOnly(name)) {
      Say.stopped(name + " is read-only");
    } else if (Files.isWritable(file)) {
      Say.through(name + " can be written");
    } else {
      Say.through("only permissions keep this user from writing to " + name);
    }
  }

  static void ptrace(int pid) {
    // PTRACE_SEIZE, which does not stop its prey; the prey is let go when this process ends.
    Say.succeeded("ptrace of process " + pid, Kernel.call(Call.PTRACE, 0x4206, pid, 0, 0));
  }

  /** Reads the first bytes of another process's program. */
  static void vmRead(int pid) throws java.io.IOException {
    String first;
    try (var maps = Files.lines(Path.of("/proc/" + pid + "/maps"))) {
      first = maps.findFirst().orElse("");
    } catch (java.io.IOException | java.io.UncheckedIOException e) {
      Say.stopped("the memory map of " + pid + " cannot be read");
      return;
    }
    if (first.isEmpty()) {
      Say.stopped("the memory map of " + pid + " is empty");
      return;
    }
    MemorySegment bytes = Kernel.memory(4);
    MemorySegment local = Kernel.memory(16);
    local.set(ValueLayout.JAVA_LONG, 0, bytes.address());
    local.set(ValueLayout.JAVA_LONG, 8, 4);
    MemorySegment remote = Kernel.memory(16);
    remote.set(
        ValueLayout.JAVA_LONG,
        0,
        Long.parseUnsignedLong(first.substring(0, first.indexOf('-')), 16));
    remote.set(ValueLayout.JAVA_LONG, 8, 4);
    Answer answer =
        Kernel.call(Call.PROCESS_VM_READV, pid, local.address(), 1, remote.address(), 1, 0);
    if (answer.ok()) {
      byte[] read = bytes.toArray(ValueLayout.JAVA_BYTE);
      Say.through(
          "memory of process " + pid + ": " + new String(read, 1, 3, StandardCharsets.US_ASCII));
    } else {
      Say.stopped("process_vm_readv of " + pid + ": " + answer.words());
    }
  }
}

package dev.holdfast.agent.sandbox.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The filter as a program of classic BPF, in the form that bubblewrap's {@code --seccomp} takes: an
 * array of {@code struct sock_filter}, in the byte order of the host.
 *
 * <p>It denies what {@link Denied} lists, new namespaces by {@code clone}, sockets of families that
 * reach the kernel's rarer parts, and typing into a terminal. A call through another architecture's
 * table ends the process, since the numbers mean something else there.
 */
public final class SystemCallFilter {
  // linux/bpf_common.h
  private static final int LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
  private static final int JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
  private static final int JUMP_AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
  private static final int JUMP_ANY_BIT = 0x45; // BPF_JMP | BPF_JSET | BPF_K
  private static final int RETURN = 0x06; // BPF_RET | BPF_K

  // linux/seccomp.h
  private static final int ALLOW = 0x7fff0000;
  private static final int KILL_PROCESS = 0x80000000;
  private static final int ERRNO = 0x00050000;

  // errno-base.h, errno.h
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;
  private static final int EAFNOSUPPORT = 97;

  // struct seccomp_data; arguments are 64 bits wide, of which the calls here use the lower half
  private static final int NUMBER = 0;
  private static final int ARCHITECTURE = 4;
  private static final int ARGUMENTS = 16;

  /** From here on, numbers are those of the x32 table on amd64. */
  private static final int X32 = 0x40000000;

  private record Instruction(int code, int ifTrue, int ifFalse, int value) {}

  private final Architecture architecture;
  private final List<Instruction> program = new ArrayList<>();

  private SystemCallFilter(Architecture architecture) {
    this.architecture = architecture;
  }

  /** For this host; empty if its architecture is not known, for which there is then no sandbox. */
  public static Optional<byte[]> forHost() {
    return Architecture.of(System.getProperty("os.arch", ""))
        .map(architecture -> new SystemCallFilter(architecture).bytes());
  }

  private byte[] bytes() {
    load(ARCHITECTURE);
    answerUnless(JUMP_EQUAL, architecture.audit, KILL_PROCESS);
    load(NUMBER);
    if (architecture == Architecture.AMD64) {
      answerIf(JUMP_AT_LEAST, X32, ERRNO | ENOSYS);
    }
    for (Denied call : Denied.values()) {
      if (call.number(architecture) >= 0) {
        answerIf(
            JUMP_EQUAL, call.number(architecture), ERRNO | (call.looksAbsent() ? ENOSYS : EPERM));
      }
    }
    // Its flags are in memory, where a filter cannot look; libraries then use clone.
    answerIf(JUMP_EQUAL, architecture.clone3, ERRNO | ENOSYS);
    only(
        architecture.clone,
        () -> {
          argument(0);
          answerIf(JUMP_ANY_BIT, Permitted.NEW_NAMESPACES, ERRNO | EPERM);
        });
    only(
        architecture.ioctl,
        () -> {
          argument(1);
          Permitted.REFUSED_REQUESTS.forEach(
              request -> answerIf(JUMP_EQUAL, request, ERRNO | EPERM));
        });
    only(
        architecture.personality,
        () -> {
          argument(0);
          Permitted.PERSONALITIES.forEach(value -> answerIf(JUMP_EQUAL, value, ALLOW));
          answer(ERRNO | EPERM);
        });
    only(
        architecture.socketpair,
        () -> {
          argument(0);
          answerUnless(JUMP_EQUAL, Permitted.PAIRS, ERRNO | EAFNOSUPPORT);
        });
    only(
        architecture.socket,
        () -> {
          argument(0);
          Permitted.FAMILIES.forEach(family -> answerIf(JUMP_EQUAL, family, ALLOW));
          answerUnless(JUMP_EQUAL, Permitted.NETLINK, ERRNO | EAFNOSUPPORT);
          argument(2);
          answerUnless(JUMP_EQUAL, Permitted.NETLINK_ROUTE, ERRNO | EAFNOSUPPORT);
        });
    answer(ALLOW);
    ByteBuffer buffer = ByteBuffer.allocate(8 * program.size()).order(ByteOrder.nativeOrder());
    for (Instruction each : program) {
      buffer.putShort((short) each.code());
      buffer.put((byte) each.ifTrue());
      buffer.put((byte) each.ifFalse());
      buffer.putInt(each.value());
    }
    return buffer.array();
  }

  private void load(int offset) {
    program.add(new Instruction(LOAD, 0, 0, offset));
  }

  private void argument(int index) {
    // Both architectures are little-endian: the lower half comes first.
    load(ARGUMENTS + 8 * index);
  }

  private void answer(int answer) {
    program.add(new Instruction(RETURN, 0, 0, answer));
  }

  private void answerIf(int comparison, int value, int answer) {
    program.add(new Instruction(comparison, 0, 1, value));
    answer(answer);
  }

  private void answerUnless(int comparison, int value, int answer) {
    program.add(new Instruction(comparison, 1, 0, value));
    answer(answer);
  }

  /** What {@code rules} say holds for calls of this number; what they let through is allowed. */
  private void only(int number, Runnable rules) {
    int jump = program.size();
    program.add(new Instruction(JUMP_EQUAL, 0, 0, number));
    rules.run();
    answer(ALLOW);
    int over = program.size() - jump - 1;
    if (over > 255) {
      throw new IllegalStateException("the rules for one call are too long for a jump");
    }
    program.set(jump, new Instruction(JUMP_EQUAL, 0, over, number));
  }
}

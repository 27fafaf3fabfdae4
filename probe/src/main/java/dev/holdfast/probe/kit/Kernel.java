package dev.holdfast.probe.kit;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Map;

/** System calls, raw: what a hostile program has when no library is in its way. */
@SuppressWarnings("restricted")
public final class Kernel {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SYSCALL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("syscall"),
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG),
          Linker.Option.firstVariadicArg(1),
          Linker.Option.captureCallState("errno"));

  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int EBADF = 9;
  static final int EACCES = 13;
  static final int EFAULT = 14;
  static final int EINVAL = 22;
  static final int ENOSPC = 28;
  static final int ENOSYS = 38;
  static final int EAFNOSUPPORT = 97;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(EPERM, "EPERM"),
          Map.entry(ENOENT, "ENOENT"),
          Map.entry(3, "ESRCH"),
          Map.entry(5, "EIO"),
          Map.entry(EBADF, "EBADF"),
          Map.entry(11, "EAGAIN"),
          Map.entry(12, "ENOMEM"),
          Map.entry(EACCES, "EACCES"),
          Map.entry(EFAULT, "EFAULT"),
          Map.entry(EINVAL, "EINVAL"),
          Map.entry(24, "EMFILE"),
          Map.entry(ENOSPC, "ENOSPC"),
          Map.entry(30, "EROFS"),
          Map.entry(ENOSYS, "ENOSYS"),
          Map.entry(EAFNOSUPPORT, "EAFNOSUPPORT"),
          Map.entry(101, "ENETUNREACH"),
          Map.entry(110, "ETIMEDOUT"),
          Map.entry(111, "ECONNREFUSED"),
          Map.entry(113, "EHOSTUNREACH"));

  private Kernel() {}

  /**
   * What a call gave back.
   *
   * @param errno 0 if it succeeded
   */
  public record Answer(long value, int errno) {
    public boolean ok() {
      return errno == 0;
    }

    boolean is(int error) {
      return errno == error;
    }

    /** As {@code EPERM}, or what it returned. */
    public String words() {
      return ok() ? "it returned " + value : NAMES.getOrDefault(errno, "errno " + errno);
    }
  }

  /** Makes the call; absent arguments are 0. */
  static Answer call(Call call, long... given) {
    long[] a = java.util.Arrays.copyOf(given, 6);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long value =
          (long) SYSCALL.invokeExact(state, call.number(), a[0], a[1], a[2], a[3], a[4], a[5]);
      return new Answer(value, value == -1 ? (int) ERRNO.get(state, 0L) : 0);
    } catch (Throwable e) {
      throw new IllegalStateException("the system call " + call + " cannot be made", e);
    }
  }

  /** {@code text} for C, where it stays as long as this process. */
  static long text(String text) {
    return Arena.global().allocateFrom(text).address();
  }

  /** Zeroed memory, which stays as long as this process. */
  static MemorySegment memory(long size) {
    return Arena.global().allocate(size, 8);
  }
}

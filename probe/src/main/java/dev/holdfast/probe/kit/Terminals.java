package dev.holdfast.probe.kit;

import dev.holdfast.probe.kit.Kernel.Answer;
import java.lang.foreign.ValueLayout;

/** Terminals: the agent's, and typing into one. */
final class Terminals {
  private static final int AT_FDCWD = -100;
  private static final int O_RDWR = 2;
  private static final int O_NOCTTY = 0x100;
  private static final int TIOCSPTLCK = 0x4004_5431;
  private static final int TIOCGPTN = 0x8004_5430;
  private static final int TIOCSTI = 0x5412;

  private Terminals() {}

  /** Types into a terminal of its own: whether the call gets as far as the kernel. */
  static void push() {
    Answer master = Kernel.call(Call.OPENAT, AT_FDCWD, Kernel.text("/dev/ptmx"), O_RDWR | O_NOCTTY);
    if (!master.ok()) {
      Say.stopped("/dev/ptmx: " + master.words());
      return;
    }
    var number = Kernel.memory(8);
    Kernel.call(Call.IOCTL, master.value(), TIOCSPTLCK, number.address());
    Kernel.call(Call.IOCTL, master.value(), TIOCGPTN, number.address());
    String name = "/dev/pts/" + number.get(ValueLayout.JAVA_INT, 0);
    Answer slave = Kernel.call(Call.OPENAT, AT_FDCWD, Kernel.text(name), O_RDWR | O_NOCTTY);
    if (!slave.ok()) {
      Say.stopped(name + ": " + slave.words());
      return;
    }
    var letter = Kernel.memory(1);
    letter.set(ValueLayout.JAVA_BYTE, 0, (byte) 'x');
    // Kernels that have it switched off say EIO, and EPERM is what a filter says; an unfiltered
    // call
    // on a terminal that is not the caller's is EPERM as well, so ask with the slave as its own.
    Kernel.call(Call.SETSID);
    Kernel.call(Call.IOCTL, slave.value(), 0x540e, 0);
    Answer answer = Kernel.call(Call.IOCTL, slave.value(), TIOCSTI, letter.address());
    Say.reached("TIOCSTI", answer, Kernel.EPERM, Kernel.ENOSYS);
  }

  /** The terminal of whoever started all this. */
  static void controlling() {
    Answer answer = Kernel.call(Call.OPENAT, AT_FDCWD, Kernel.text("/dev/tty"), O_RDWR);
    Say.succeeded("opening the controlling terminal", answer);
  }
}

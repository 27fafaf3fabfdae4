package dev.holdfast.probe.kit;

import dev.holdfast.probe.kit.Kernel.Answer;

/** System V segments and POSIX message queues, which have names that all processes share. */
public final class Ipc {
  private static final int CREATE = 01000;
  private static final int O_CREAT = 0100;
  private static final int O_RDWR = 2;

  private Ipc() {}

  /** Makes a segment that everybody may use, and returns its id. */
  public static long makeSegment(int key) {
    Answer made = Kernel.call(Call.SHMGET, key, 4096, CREATE | 0666);
    if (!made.ok()) {
      throw new IllegalStateException("cannot make a System V segment: " + made.words());
    }
    return made.value();
  }

  /** Removes what {@link #makeSegment} made. */
  public static void removeSegment(long id) {
    Kernel.call(Call.SHMCTL, id, 0, 0);
  }

  /** Removes the segment of a key, if there is one. */
  public static void removeSegmentOf(int key) {
    Answer found = Kernel.call(Call.SHMGET, key, 0, 0);
    if (found.ok()) {
      removeSegment(found.value());
    }
  }

  /** Makes a queue that everybody may use; whether the kernel has any. */
  public static boolean makeOpenQueue(String name) {
    Answer made = Kernel.call(Call.MQ_OPEN, Kernel.text(name), O_CREAT | O_RDWR, 0666, 0);
    if (made.ok()) {
      // The queue stays; whoever keeps it open keeps its bytes counted after it is removed.
      Kernel.call(Call.CLOSE, made.value());
    }
    return made.ok();
  }

  /** Removes what {@link #makeOpenQueue} made. */
  public static void removeQueue(String name) {
    Kernel.call(Call.MQ_UNLINK, Kernel.text(name));
  }

  static void make(int key) {
    System.out.println("made segment " + makeSegment(key));
  }

  static void makeQueue(String name) {
    System.out.println("made a queue: " + makeOpenQueue(name));
  }

  static void segment(int key) {
    Say.succeeded("finding a System V segment of another", Kernel.call(Call.SHMGET, key, 0, 0));
  }

  static void queue(String name) {
    Answer answer = Kernel.call(Call.MQ_OPEN, Kernel.text(name), 0, 0, 0);
    Say.succeeded("opening a message queue of another", answer);
  }
}

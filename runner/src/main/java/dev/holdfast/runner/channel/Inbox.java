package dev.holdfast.runner.channel;

import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Frames about files that are kept, from the thread that reads the channel to the one that runs the
 * job. Holds few: whoever sends more waits, as far as the agent. Thread-safe.
 */
public final class Inbox {
  private final BlockingQueue<Frame> frames = new ArrayBlockingQueue<>(16);
  private volatile boolean closed;

  /** Whether {@code frame} is one of these, and was taken. */
  public boolean takes(Frame frame) throws InterruptedException {
    if (frame.kind() != FrameKind.KEEP && frame.kind() != FrameKind.ARCHIVE) {
      return false;
    }
    if (!closed) {
      frames.put(frame);
    }
    return true;
  }

  /** The next of them. */
  public Frame next() throws InterruptedException {
    return frames.take();
  }

  /** Nobody takes any more: what still comes is dropped, so that what comes behind it is heard. */
  public void close() {
    closed = true;
    frames.clear();
  }
}

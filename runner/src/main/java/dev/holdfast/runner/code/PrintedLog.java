package dev.holdfast.runner.code;

import dev.holdfast.runner.step.LogSink;
import java.io.IOException;
import java.io.OutputStream;

/**
 * What code prints, on its way to the log. A thread of its own writes to the log, because the
 * author's threads may be interrupted and that would break the channel; a full buffer makes them
 * wait. Thread-safe; after {@link #settle} what is printed goes nowhere.
 */
final class PrintedLog extends OutputStream {
  private static final int SIZE = 2 * LogSink.MOST;

  private final byte[] ring = new byte[SIZE];
  private final LogSink log;
  private final Thread drain;
  private int start;
  private int length;
  private boolean closed;

  PrintedLog(LogSink log) {
    this.log = log;
    drain = new Thread(this::drain, "output");
    drain.setDaemon(true);
    drain.start();
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) {
    boolean interrupted = false;
    synchronized (this) {
      int done = 0;
      while (done < count && !closed) {
        if (length == SIZE) {
          interrupted |= !awaitRoom();
          continue;
        }
        int at = (start + length) % SIZE;
        int part = Math.min(count - done, Math.min(SIZE - length, SIZE - at));
        System.arraycopy(bytes, offset + done, ring, at, part);
        length += part;
        done += part;
        notifyAll();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the wait was not interrupted. */
  private synchronized boolean awaitRoom() {
    try {
      while (length == SIZE && !closed) {
        wait();
      }
      return true;
    } catch (InterruptedException e) {
      // The caller keeps it for the author's code: half a line would be lost else.
      return false;
    }
  }

  private void drain() {
    byte[] bytes = new byte[LogSink.MOST];
    try {
      for (int n = take(bytes); n >= 0; n = take(bytes)) {
        log.write(bytes, n);
      }
    } catch (IOException e) {
      // The channel is gone; its reader ends the process.
      close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized int take(byte[] bytes) throws InterruptedException {
    while (length == 0) {
      if (closed) {
        return -1;
      }
      wait();
    }
    int part = Math.min(Math.min(length, bytes.length), SIZE - start);
    System.arraycopy(ring, start, bytes, 0, part);
    start = (start + part) % SIZE;
    length -= part;
    notifyAll();
    return part;
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }

  /** Closes it, and waits until what was printed before is in the log. */
  void settle() throws InterruptedException {
    close();
    drain.join();
  }
}

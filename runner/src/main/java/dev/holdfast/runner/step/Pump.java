package dev.holdfast.runner.step;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Moves a process's output to the log as it comes: whatever there is, at once, up to 128 KiB.
 *
 * <p>A process can leave another behind that holds its pipe open, so the end of the output is no
 * sign of its end, nor the other way round. Once the process has ended, what it wrote is in the
 * pipe: it is read out, at most {@link #MOST_AFTER_END}, until the end or until nothing comes. From
 * then on what is left behind may write, and is read, to nowhere.
 */
final class Pump extends Thread {
  /** The most that a pipe can be made to hold by an unprivileged process. */
  private static final long MOST_AFTER_END = 1024 * 1024;

  /** A pipe that holds something is read at once; waiting longer than this means it is empty. */
  private static final long QUIET_MILLIS = 50;

  private final InputStream in;
  private final Gate gate;
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile boolean ended;
  private volatile boolean waiting;
  private volatile long reads;

  Pump(InputStream in, Gate gate) {
    super("output");
    this.in = in;
    this.gate = gate;
    setDaemon(true);
  }

  @Override
  public void run() {
    // The monitor keeps the JDK from reading the pipe to its end on the heap when the process ends.
    synchronized (in) {
      try (in) {
        move();
      } catch (IOException e) {
        // The pipe or the channel is gone; whoever owns the channel hears of it from its reader.
        gate.shut();
      } finally {
        end.countDown();
      }
    }
  }

  private void move() throws IOException {
    byte[] bytes = new byte[LogSink.MOST];
    long afterEnd = 0;
    long count = 0;
    while (true) {
      waiting = true;
      int n = in.read(bytes, 0, bytes.length);
      waiting = false;
      reads = ++count;
      if (n < 0) {
        return;
      }
      gate.write(bytes, n);
      if (ended) {
        afterEnd += n;
        if (afterEnd >= MOST_AFTER_END) {
          end.countDown();
        }
      }
    }
  }

  /** Call when the process has ended: returns when all its output is in the log. */
  void settle() throws InterruptedException {
    ended = true;
    long before = -1;
    while (!end.await(QUIET_MILLIS, TimeUnit.MILLISECONDS)) {
      long now = reads;
      if (waiting && now == before) {
        break;
      }
      before = now;
    }
    gate.shut();
  }
}

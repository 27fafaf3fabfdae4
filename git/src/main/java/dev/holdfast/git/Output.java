package dev.holdfast.git;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What a process prints, kept up to a bound and read to the end by a thread of its own. */
final class Output {
  /**
   * For what a process that has ended left behind, with its output still open: an ssh that serves
   * later connections does so. All that git printed is in the pipe by then.
   */
  private static final long STRAGGLERS_MILLIS = 1000;

  private final int most;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private final CountDownLatch ended = new CountDownLatch(1);
  private boolean broken;

  private Output(int most) {
    this.most = most;
  }

  /**
   * @param tooMuch called once if there is more than {@code most}
   */
  static Output of(InputStream in, int most, Runnable tooMuch) {
    var output = new Output(most);
    Thread.ofVirtual().start(() -> output.drain(in, tooMuch));
    return output;
  }

  private void drain(InputStream in, Runnable tooMuch) {
    var piece = new byte[8192];
    try (in) {
      // To the end in any case, so that the process is not stuck on a full pipe.
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        if (keep(piece, read)) {
          tooMuch.run();
        }
      }
    } catch (IOException e) {
      synchronized (this) {
        broken = true;
      }
    } finally {
      ended.countDown();
    }
  }

  /** Whether it has just become too much: one byte more is kept, which says so. */
  private synchronized boolean keep(byte[] piece, int length) {
    int room = most + 1 - kept.size();
    kept.write(piece, 0, Math.min(room, length));
    return room > 0 && room <= length;
  }

  /** What was printed by a process that has ended, cut to one byte more than the bound. */
  byte[] bytes() throws InterruptedException {
    boolean _ = ended.await(STRAGGLERS_MILLIS, TimeUnit.MILLISECONDS);
    synchronized (this) {
      return kept.toByteArray();
    }
  }

  synchronized boolean tooLarge() {
    return kept.size() > most;
  }

  /** Whether reading failed, so that something may be missing. */
  synchronized boolean broken() {
    return broken;
  }
}

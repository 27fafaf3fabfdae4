package dev.holdfast.orchestrator.db;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes ids: a prefix, {@code _}, and 26 characters of which the first ten are the time. Within one
 * process each is greater than the one before, also where the clock steps back, so that the order
 * of ids is the order of creation. Thread-safe.
 */
public final class Ids {
  private static final char[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
  private static final int RANDOM_BYTES = 10;

  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final ReentrantLock lock = new ReentrantLock();
  private final byte[] tail = new byte[RANDOM_BYTES];
  private long last;

  public Ids(InstantSource clock) {
    this.clock = clock;
  }

  /** A new id that starts with {@code prefix_}. */
  public String next(String prefix) {
    lock.lock();
    try {
      long now = clock.millis();
      if (now > last) {
        last = now;
        random.nextBytes(tail);
        // Room to count up within one millisecond.
        tail[0] &= 0x7f;
      } else {
        increment();
      }
      var out =
          new StringBuilder(prefix.length() + 27).append(prefix).append('_').append(digits(last));
      long bits = 0;
      int count = 0;
      for (byte b : tail) {
        bits = (bits << 8) | (b & 0xff);
        for (count += 8; count >= 5; count -= 5) {
          out.append(DIGITS[(int) (bits >>> (count - 5)) & 31]);
        }
      }
      return out.toString();
    } finally {
      lock.unlock();
    }
  }

  /** Not greater than any id of this prefix that was made at {@code time} or later. */
  public static String since(String prefix, Instant time) {
    return prefix + "_" + digits(time.toEpochMilli());
  }

  private static String digits(long millis) {
    var out = new StringBuilder(10);
    for (int shift = 45; shift >= 0; shift -= 5) {
      out.append(DIGITS[(int) (millis >>> shift) & 31]);
    }
    return out.toString();
  }

  private void increment() {
    for (int i = RANDOM_BYTES - 1; i >= 0; i--) {
      if (++tail[i] != 0) {
        return;
      }
    }
    throw new IllegalStateException("out of ids for this millisecond");
  }
}

package dev.holdfast.agent.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Keeps the end of what a stream brought, so that a flood costs no memory. Thread-safe. */
public final class LastWords {
  private static final int MOST = 16 * 1024;

  /** Bytes that are read at once, and milliseconds to rest after them, by who is not to haste. */
  private static final int GULP = 64 * 1024;

  private static final int REST_MILLIS = 10;

  private final byte[] ring;
  private long count;

  public LastWords() {
    this(MOST);
  }

  /**
   * @param most bytes to keep
   */
  public LastWords(int most) {
    ring = new byte[most];
  }

  /**
   * Reads {@code in} to its end, some megabytes a second at most: whoever floods it waits, and does
   * not keep this host's processors busy.
   */
  public void drainSlowly(InputStream in) {
    byte[] buffer = new byte[GULP];
    try (in) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        add(buffer, n);
        TimeUnit.MILLISECONDS.sleep(REST_MILLIS);
      }
    } catch (IOException e) {
      // The process is gone and its pipe with it: what came before is what there is.
      return;
    } catch (InterruptedException e) {
      // Nobody interrupts this thread; if somebody did, what came before is what there is.
      Thread.currentThread().interrupt();
    }
  }

  /** Reads {@code in} to its end. */
  public void drain(InputStream in) {
    byte[] buffer = new byte[4096];
    try (in) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        add(buffer, n);
      }
    } catch (IOException e) {
      // The process is gone and its pipe with it: what came before is what there is.
      return;
    }
  }

  public synchronized void add(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      ring[(int) (count++ % ring.length)] = bytes[i];
    }
  }

  /** The end of it as text, without control characters except line ends. */
  public synchronized String text() {
    int length = (int) Math.min(count, ring.length);
    byte[] kept = new byte[length];
    for (int i = 0; i < length; i++) {
      kept[i] = ring[(int) ((count - length + i) % ring.length)];
    }
    return new String(kept, StandardCharsets.UTF_8).replaceAll("[\\p{Cntrl}&&[^\n]]", "?").strip();
  }
}

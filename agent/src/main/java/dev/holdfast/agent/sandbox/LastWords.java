package dev.holdfast.agent.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Keeps the end of what a stream brought, so that a flood costs no memory. Thread-safe. */
public final class LastWords {
  private static final int MOST = 16 * 1024;

  private final byte[] ring = new byte[MOST];
  private long count;

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
      ring[(int) (count++ % MOST)] = bytes[i];
    }
  }

  /** The end of it as text, without control characters except line ends. */
  public synchronized String text() {
    int length = (int) Math.min(count, MOST);
    byte[] kept = new byte[length];
    for (int i = 0; i < length; i++) {
      kept[i] = ring[(int) ((count - length + i) % MOST)];
    }
    return new String(kept, StandardCharsets.UTF_8).replaceAll("[\\p{Cntrl}&&[^\n]]", "?").strip();
  }
}

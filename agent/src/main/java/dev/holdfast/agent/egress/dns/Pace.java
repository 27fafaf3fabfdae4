package dev.holdfast.agent.egress.dns;

import java.util.concurrent.Semaphore;

/** Bounds what one job can make the resolver do. Thread-safe. */
final class Pace {
  private static final int PER_SECOND = 100;
  private static final int BURST = 500;
  private static final int AT_ONCE = 32;

  private final Semaphore places = new Semaphore(AT_ONCE);
  private double left = BURST;
  private long last = System.nanoTime();

  /** Whether it may ask one more now; then {@link #leave} follows. */
  boolean enter() {
    if (!places.tryAcquire()) {
      return false;
    }
    if (take()) {
      return true;
    }
    places.release();
    return false;
  }

  void leave() {
    places.release();
  }

  private synchronized boolean take() {
    long now = System.nanoTime();
    left = Math.min(BURST, left + (now - last) * 1e-9 * PER_SECOND);
    last = now;
    if (left < 1) {
      return false;
    }
    left--;
    return true;
  }
}

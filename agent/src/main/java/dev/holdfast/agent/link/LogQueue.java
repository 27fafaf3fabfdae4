package dev.holdfast.agent.link;

import java.util.ArrayDeque;

/**
 * The part of one attempt's log that the orchestrator does not have yet, bounded: who adds to a
 * full one waits. One thread takes. Thread-safe.
 */
final class LogQueue {
  private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
  private final int most;
  private int held;
  private int firstTaken;
  private boolean ended;

  /**
   * @param most bytes to hold; one piece may go beyond it
   */
  LogQueue(int most) {
    this.most = most;
  }

  synchronized void add(byte[] piece) throws InterruptedException {
    while (held >= most && !ended) {
      wait();
    }
    if (!ended && piece.length > 0) {
      pieces.add(piece);
      held += piece.length;
      notifyAll();
    }
  }

  /**
   * Copies what comes next into {@code into}, without removing it; waits until there is something.
   *
   * @return how much; 0 if the queue was ended
   */
  synchronized int peek(byte[] into) throws InterruptedException {
    while (held == 0 && !ended) {
      wait();
    }
    if (ended) {
      return 0;
    }
    int copied = 0;
    int from = firstTaken;
    for (byte[] piece : pieces) {
      int part = Math.min(piece.length - from, into.length - copied);
      System.arraycopy(piece, from, into, copied, part);
      copied += part;
      from = 0;
      if (copied == into.length) {
        break;
      }
    }
    return copied;
  }

  /** The next {@code count} bytes have arrived. */
  synchronized void remove(int count) {
    int left = count;
    while (left > 0) {
      byte[] piece = pieces.element();
      int part = Math.min(piece.length - firstTaken, left);
      firstTaken += part;
      left -= part;
      if (firstTaken == piece.length) {
        pieces.remove();
        firstTaken = 0;
      }
    }
    held -= count;
    notifyAll();
  }

  /** Waits until everything has arrived, or the queue was ended. */
  synchronized void awaitEmpty() throws InterruptedException {
    while (held > 0 && !ended) {
      wait();
    }
  }

  /** Nothing more is wanted; wakes everybody. */
  synchronized void end() {
    ended = true;
    pieces.clear();
    held = 0;
    notifyAll();
  }
}

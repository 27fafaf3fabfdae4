package dev.holdfast.orchestrator.log;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One log for each attempt: bytes that only grow. Thread-safe; appends to one log are made in
 * order.
 */
public interface LogStore extends AutoCloseable {
  /**
   * Puts {@code bytes} at {@code offset}. What is already there is passed over, so that an append
   * can be sent twice. Durable when this returns.
   *
   * @return the log's new length
   * @throws Gap if {@code offset} is beyond the log's end, or the log is closed
   */
  long append(String attempt, long offset, byte[] bytes) throws IOException, Gap;

  /** The log's length in bytes; 0 if there is none. */
  long length(String attempt) throws IOException;

  /** Says that nothing will be appended any more; those who follow come to the end. */
  void finish(String attempt) throws IOException;

  /** Writes at most {@code most} bytes from {@code offset} on; fewer at the log's end. */
  void read(String attempt, long offset, long most, OutputStream out) throws IOException;

  /** When the byte at {@code offset} arrived; empty where there is none yet. */
  Optional<Instant> time(String attempt, long offset) throws IOException;

  /**
   * Waits until the log is longer than {@code offset}, finished, or {@code patience} is over.
   *
   * @return whether the log is finished and has nothing beyond {@code offset}
   */
  boolean await(String attempt, long offset, Duration patience)
      throws IOException, InterruptedException;

  @Override
  void close() throws IOException;

  /** An append that would leave a hole. */
  final class Gap extends Exception {
    private static final long serialVersionUID = 1L;
    private final long length;

    public Gap(String message, long length) {
      super(message);
      this.length = length;
    }

    /** How long the log is: where the next bytes go. */
    public long length() {
      return length;
    }
  }
}

package dev.holdfast.runner.step;

import java.io.IOException;

/** Where a step's output goes. */
@FunctionalInterface
public interface LogSink {
  /** The most bytes that one {@link #write} may bring. */
  int MOST = 128 * 1024;

  /** Takes the first {@code length} of {@code bytes} before it returns; the array is reused. */
  void write(byte[] bytes, int length) throws IOException;
}

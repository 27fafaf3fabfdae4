package dev.holdfast.runner.step;

import java.io.IOException;

/** Lets a step's output through until the step is over, and nothing after. Thread-safe. */
public final class Gate implements LogSink {
  private final LogSink log;
  private boolean open = true;

  public Gate(LogSink log) {
    this.log = log;
  }

  @Override
  public synchronized void write(byte[] bytes, int length) throws IOException {
    if (open) {
      log.write(bytes, length);
    }
  }

  /** No byte gets through once this has returned. */
  public synchronized void shut() {
    open = false;
  }
}

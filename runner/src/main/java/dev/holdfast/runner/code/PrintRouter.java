package dev.holdfast.runner.code;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Takes what is printed to the log of the step whose thread, or child of it, prints: code that
 * could not be stopped must not print into the step after it.
 */
final class PrintRouter extends OutputStream {
  private static final InheritableThreadLocal<@Nullable PrintedLog> OWN =
      new InheritableThreadLocal<>();

  /** For threads of the JDK, which belong to no step. */
  private final PrintedLog other;

  private PrintRouter(PrintedLog other) {
    this.other = other;
  }

  /** A stream for {@link System#setOut}. */
  static PrintStream stream(PrintedLog other) {
    return new PrintStream(new PrintRouter(other), true, StandardCharsets.UTF_8);
  }

  /** From now on, what this thread and those that it starts print goes to {@code log}. */
  static void printTo(PrintedLog log) {
    OWN.set(log);
  }

  private PrintedLog log() {
    PrintedLog own = OWN.get();
    return own == null ? other : own;
  }

  @Override
  public void write(int b) {
    log().write(b);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    log().write(bytes, offset, length);
  }
}

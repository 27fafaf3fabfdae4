package dev.holdfast.cli;

import dev.holdfast.cli.terminal.LogText;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;

/**
 * Prints the logs of jobs to one terminal. With several jobs each line is led by its job's key and
 * whole lines take turns; a line that is long without an end is cut in pieces, so that none fills
 * memory.
 */
final class LogPrinter {
  private static final int LONGEST_HELD = 64 * 1024;
  private static final String[] COLOURS = {"36", "35", "34", "33", "32", "96", "95", "94"};

  private final Terminal terminal;
  private final boolean raw;
  private final boolean led;
  private final int width;
  private int jobs;

  LogPrinter(Terminal terminal, Collection<String> keys, boolean raw) {
    this.terminal = terminal;
    this.raw = raw;
    this.led = keys.size() > 1;
    this.width = keys.stream().mapToInt(k -> Plain.of(k).length()).max().orElse(0);
  }

  /**
   * Where the bytes of this job's log go; to be closed at its end, which leaves the terminal open.
   */
  synchronized OutputStream job(String key) {
    OutputStream out = new Open(terminal.out());
    if (raw) {
      return out;
    }
    boolean colours = terminal.style().on();
    if (!led) {
      return new LogText(out, colours);
    }
    String label = String.format("%-" + width + "s", Plain.of(key));
    String colour = COLOURS[jobs++ % COLOURS.length];
    String lead = (colours ? "\u001b[" + colour + "m" + label + "\u001b[0m" : label) + " | ";
    return new LogText(new Lines(lead, colours), colours);
  }

  /** Writes to the terminal and does not close it. */
  private static final class Open extends FilterOutputStream {
    Open(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      out.flush();
    }
  }

  /** Holds what is not yet a line. */
  private final class Lines extends OutputStream {
    private final byte[] lead;
    private final byte[] end;
    private final java.io.ByteArrayOutputStream held = new java.io.ByteArrayOutputStream();

    Lines(String lead, boolean colours) {
      this.lead = lead.getBytes(StandardCharsets.UTF_8);
      this.end = (colours ? "\u001b[0m\n" : "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int from = offset;
      for (int i = offset; i < offset + length; i++) {
        if (bytes[i] == '\n') {
          held.write(bytes, from, i - from);
          line();
          from = i + 1;
        }
      }
      held.write(bytes, from, offset + length - from);
      if (held.size() > LONGEST_HELD) {
        line();
      }
    }

    private void line() throws IOException {
      synchronized (LogPrinter.this) {
        terminal.out().write(lead);
        held.writeTo(terminal.out());
        terminal.out().write(end);
      }
      held.reset();
    }

    @Override
    public void flush() throws IOException {
      synchronized (LogPrinter.this) {
        terminal.out().flush();
      }
    }

    @Override
    public void close() throws IOException {
      if (held.size() > 0) {
        line();
      }
      flush();
    }
  }
}

package dev.holdfast.cli;

import dev.holdfast.cli.terminal.LogText;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Terminal;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

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
  private final Map<String, String> leads = new HashMap<>();
  private final Map<String, Lines> open = new HashMap<>();
  private boolean inLine;

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
    var lines = new Lines(lead(key), colours);
    open.put(key, lines);
    return new FilterOutputStream(new LogText(lines, colours)) {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
      }

      @Override
      public void close() throws IOException {
        out.close();
        lines.close();
      }
    };
  }

  /** A line of our own about a job, between those of its log; {@code line} is harmless. */
  synchronized void say(String key, String line) {
    Lines begun = open.get(key);
    if (begun != null) {
      begun.endLine();
    }
    if (inLine) {
      terminal.out().println();
      inLine = false;
    }
    terminal.out().println((led ? lead(key) : "") + terminal.style().dim(line));
  }

  private String lead(String key) {
    if (width == 0) {
      return "";
    }
    return leads.computeIfAbsent(
        key,
        k -> {
          String label = String.format("%-" + width + "s", Plain.of(k));
          String colour = COLOURS[leads.size() % COLOURS.length];
          return (terminal.style().on() ? "\u001b[" + colour + "m" + label + "\u001b[0m" : label)
              + " | ";
        });
  }

  /** Writes to the terminal and does not close it. */
  private final class Open extends FilterOutputStream {
    Open(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      if (length > 0) {
        inLine = bytes[offset + length - 1] != '\n';
      }
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      inLine = b != '\n';
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
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
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

    private void line() {
      synchronized (LogPrinter.this) {
        terminal.out().writeBytes(lead);
        terminal.out().writeBytes(held.toByteArray());
        terminal.out().writeBytes(end);
      }
      held.reset();
    }

    private void endLine() {
      if (held.size() > 0) {
        line();
      }
    }

    @Override
    public void flush() {
      synchronized (LogPrinter.this) {
        terminal.out().flush();
      }
    }

    @Override
    public void close() {
      endLine();
      flush();
    }
  }
}

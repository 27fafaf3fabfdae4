package dev.holdfast.cli.terminal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Passes a job's log on to a terminal and takes out what could command it: every escape sequence
 * but colours, every control character but tab and newline, and characters that turn the direction
 * of text, which become U+FFFD. A carriage return inside a line becomes a newline, so that no line
 * can be written over. Colours cannot conceal. A line that begins with one of the marks with which
 * this command's own lines begin is led by a bar, so that none passes for one. A newline ends any
 * sequence: what is left open hides one line at most. Bytes that are not UTF-8 become U+FFFD. Not
 * thread-safe.
 */
public final class LogText extends OutputStream {
  private enum In {
    TEXT,
    /** Behind ESC. */
    ESCAPE,
    /** Behind ESC [: a control sequence, up to its final byte. */
    CONTROL,
    /** A string for the terminal, up to BEL or ESC \. */
    STRING,
    /** Behind ESC inside such a string. */
    STRING_ESCAPE
  }

  /** Longer than any colour. */
  private static final int LONGEST_COLOUR = 64;

  /** With which this command begins lines about a run, its jobs and their steps. */
  static final String OWN_MARKS = "▸▹▶▷►✗✘✕✖✓✔";

  private static final byte[] BAR = "| ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] REPLACED = "\ufffd".getBytes(StandardCharsets.UTF_8);

  private final OutputStream out;
  private final boolean colours;
  private final StringBuilder parameters = new StringBuilder();
  private In in = In.TEXT;
  private boolean afterReturn;
  private boolean coloured;
  private boolean lineBegins = true;
  // A character that is coming in: what it is so far, how many bytes are to come, its least value.
  private int character;
  private int missing;
  private int least;

  /**
   * @param colours whether to pass on colours, too
   */
  public LogText(OutputStream out, boolean colours) {
    this.out = out;
    this.colours = colours;
  }

  @Override
  public void write(int b) throws IOException {
    int unsigned = b & 0xff;
    if (missing > 0) {
      if ((unsigned & 0xc0) == 0x80) {
        character = (character << 6) | (unsigned & 0x3f);
        missing--;
        if (missing == 0) {
          take(character < least || character > Character.MAX_CODE_POINT ? 0xfffd : character);
        }
        return;
      }
      missing = 0;
      take(0xfffd);
    }
    if (unsigned < 0x80) {
      take(unsigned);
    } else if (unsigned >= 0xc2 && unsigned < 0xe0) {
      begin(unsigned & 0x1f, 1, 0x80);
    } else if (unsigned >= 0xe0 && unsigned < 0xf0) {
      begin(unsigned & 0x0f, 2, 0x800);
    } else if (unsigned >= 0xf0 && unsigned < 0xf5) {
      begin(unsigned & 0x07, 3, 0x10000);
    } else {
      take(0xfffd);
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int end = offset + length;
    int at = offset;
    while (at < end) {
      // Runs of ordinary text are most of any log.
      int from = at;
      while (at < end && bytes[at] >= 0x20 && bytes[at] != 0x7f) {
        at++;
      }
      if (at > from && in == In.TEXT && missing == 0 && !afterReturn) {
        out.write(bytes, from, at - from);
        lineBegins = lineBegins && blank(bytes, from, at);
      } else {
        for (int i = from; i < at; i++) {
          write(bytes[i]);
        }
      }
      if (at < end) {
        write(bytes[at++]);
      }
    }
  }

  private static boolean blank(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] != ' ') {
        return false;
      }
    }
    return true;
  }

  private void begin(int bits, int count, int smallest) {
    character = bits;
    missing = count;
    least = smallest;
  }

  private void take(int c) throws IOException {
    if (c == '\n') {
      in = In.TEXT;
      parameters.setLength(0);
      afterReturn = false;
      lineBegins = true;
      out.write('\n');
      return;
    }
    switch (in) {
      case TEXT -> text(c);
      case ESCAPE -> escape(c);
      case CONTROL -> control(c);
      case STRING -> {
        if (c == 0x07 || c == 0x9c) {
          in = In.TEXT;
        } else if (c == 0x1b) {
          in = In.STRING_ESCAPE;
        }
      }
      case STRING_ESCAPE -> in = c == '\\' ? In.TEXT : In.STRING;
    }
  }

  private void escape(int c) {
    in =
        switch (c) {
          case '[' -> In.CONTROL;
          case ']', 'P', 'X', '^', '_' -> In.STRING;
          case 0x1b -> In.ESCAPE;
          // Sequences of more than two bytes have intermediates here.
          default -> c >= 0x20 && c < 0x30 ? In.ESCAPE : In.TEXT;
        };
  }

  private void control(int c) throws IOException {
    if (c >= 0x40 && c <= 0x7e) {
      if (c == 'm' && colours && parameters.chars().allMatch(LogText::ofColour) && !conceals()) {
        out.write(("\u001b[" + parameters + "m").getBytes(StandardCharsets.US_ASCII));
        coloured = true;
      }
      parameters.setLength(0);
      in = In.TEXT;
    } else if (c == 0x1b) {
      parameters.setLength(0);
      in = In.ESCAPE;
    } else if (parameters.length() < LONGEST_COLOUR) {
      parameters.append((char) Math.min(c, 0xffff));
    } else {
      // Too long for a colour: whatever it ends in, it is not passed on.
      parameters.setCharAt(0, '?');
    }
  }

  /** Whether one of the codes makes text invisible. */
  private boolean conceals() {
    return (";" + parameters + ";").replace(':', ';').matches(".*;0*8;.*") && !extended();
  }

  /** Whether the codes choose from more colours, whose numbers are no codes. */
  private boolean extended() {
    return parameters.toString().matches("[34]8[;:](5[;:][0-9]{1,3}|2([;:][0-9]{0,3}){3,4})");
  }

  private static boolean ofColour(int c) {
    return (c >= '0' && c <= '9') || c == ';' || c == ':';
  }

  private void text(int c) throws IOException {
    if (c == '\r') {
      afterReturn = true;
      return;
    }
    if (c == 0x1b) {
      in = In.ESCAPE;
      return;
    }
    if (c == 0x9b) {
      in = In.CONTROL;
      return;
    }
    if (c == 0x90 || c == 0x98 || c == 0x9d || c == 0x9e || c == 0x9f) {
      in = In.STRING;
      return;
    }
    if (c != '\t' && Character.getType(c) == Character.CONTROL) {
      return;
    }
    if (afterReturn) {
      afterReturn = false;
      lineBegins = true;
      out.write('\n');
    }
    if (lineBegins && OWN_MARKS.indexOf(c) >= 0) {
      out.write(BAR);
    }
    lineBegins &= c == ' ' || c == '\t';
    if (c < 0x80) {
      out.write(c);
    } else if (c == 0xfffd || Plain.harmful(c)) {
      out.write(REPLACED);
    } else {
      out.write(Character.toString(c).getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  /** Ends the text and its colours; leaves what it writes to open. */
  @Override
  public void close() throws IOException {
    if (missing > 0) {
      missing = 0;
      take(0xfffd);
    }
    if (coloured) {
      out.write("\u001b[0m".getBytes(StandardCharsets.US_ASCII));
      coloured = false;
    }
    out.flush();
  }
}

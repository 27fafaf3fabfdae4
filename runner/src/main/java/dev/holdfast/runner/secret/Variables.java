package dev.holdfast.runner.secret;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Secrets that are to be variables of a shell's environment. Their values never become texts of
 * this program, nor arguments: the shell that is to have them reads them from its standard input
 * and becomes the one that runs the script.
 *
 * @param names of the secrets, by variable
 */
public record Variables(StepSecrets secrets, Map<String, String> names) {
  /** Reads what {@link #tell} writes, and becomes the rest of its arguments. */
  private static final List<String> READER =
      List.of("/bin/sh", "-c", ". /dev/stdin && exec \"$@\" </dev/null", "sh");

  /** What a process's standard input is written in, past the buffer of its stream. */
  private static final int PIECE = 8192;

  public Variables {
    names = new LinkedHashMap<>(names);
  }

  /** None. */
  public static Variables none() {
    return new Variables(StepSecrets.none(), Map.of());
  }

  public boolean isEmpty() {
    return names.isEmpty();
  }

  /** {@code command}, with these in its environment once {@link #tell} was called. */
  public List<String> around(List<String> command) {
    var all = new java.util.ArrayList<>(READER);
    all.addAll(command);
    return all;
  }

  /**
   * Tells the shell; closes its input.
   *
   * @throws IOException if the shell is gone
   */
  public void tell(OutputStream input) throws IOException {
    try (input) {
      var out = new Wiped(input);
      try {
        for (var variable : names.entrySet()) {
          out.text("export " + variable.getKey() + "='");
          secrets.use(
              variable.getValue(),
              value -> {
                quoted(value, out);
                return true;
              });
          out.text("'\n");
        }
      } finally {
        out.end();
      }
    }
  }

  /**
   * Why one of them cannot be a variable; empty if all can.
   *
   * @return a line for people
   */
  public String unfit() {
    for (String name : names.values()) {
      boolean nul =
          secrets.use(
              name,
              value -> {
                while (value.hasRemaining()) {
                  if (value.get() == 0) {
                    return true;
                  }
                }
                return false;
              });
      if (nul) {
        return "the secret "
            + name
            + " holds a NUL byte, which no variable can; have code put it into a file by mountFile";
      }
    }
    return "";
  }

  private static void quoted(ByteBuffer value, Wiped out) throws IOException {
    while (value.hasRemaining()) {
      byte b = value.get();
      if (b == '\'') {
        out.text("'\\''");
      } else {
        out.put(b);
      }
    }
  }

  /** Writes whole pieces, so that no stream on the way keeps a part, and wipes its own. */
  private static final class Wiped {
    private final OutputStream out;
    private final byte[] piece = new byte[PIECE];
    private int length;

    Wiped(OutputStream out) {
      this.out = out;
    }

    void put(byte b) throws IOException {
      piece[length++] = b;
      if (length == PIECE) {
        out.write(piece, 0, PIECE);
        length = 0;
      }
    }

    void text(String text) throws IOException {
      for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
        put(b);
      }
    }

    /** Fills up with empty lines, twice: the second piece takes the place of the first on its way. */
    void end() throws IOException {
      try {
        Arrays.fill(piece, length, PIECE, (byte) '\n');
        out.write(piece, 0, PIECE);
      } finally {
        Arrays.fill(piece, (byte) '\n');
      }
      out.write(piece, 0, PIECE);
    }
  }
}

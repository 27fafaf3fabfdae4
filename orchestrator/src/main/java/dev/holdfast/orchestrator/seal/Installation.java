package dev.holdfast.orchestrator.seal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Which installation this is. What is sealed hangs on it, so that a row of another installation
 * opens nowhere else, even under the same master key. It is kept beside the keys and not in the
 * database: who writes the database cannot make one installation pass for another.
 */
public record Installation(String id) {
  /** Below the data folder. */
  public static final String FILE = "keys/installation.id";

  private static final int BYTES = 16;

  public Installation {
    if (!id.matches("[0-9a-f]{32}")) {
      throw new IllegalArgumentException("the id of an installation has 32 hexadecimal digits");
    }
  }

  /**
   * The one whose data are below {@code data}; made at its first start.
   *
   * @throws IOException as {@link KeyFile#open}
   */
  public static Installation of(Path data) throws IOException {
    Path file = data.resolve(FILE);
    byte[] text =
        KeyFile.open(
            file,
            () ->
                (HexFormat.of().formatHex(KeyFile.random(BYTES).make()) + "\n")
                    .getBytes(StandardCharsets.US_ASCII));
    try {
      return new Installation(new String(text, StandardCharsets.US_ASCII).strip());
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " is damaged; restore it from a backup", e);
    }
  }
}

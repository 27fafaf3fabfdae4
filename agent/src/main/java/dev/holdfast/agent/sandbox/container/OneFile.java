package dev.holdfast.agent.sandbox.container;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The content of the one file that an archive of an engine holds. */
final class OneFile {
  private static final int BLOCK = 512;
  private static final int SIZE_AT = 124;
  private static final int SIZE_LENGTH = 12;
  private static final int TYPE_AT = 156;
  private static final int MOST = 1024 * 1024;

  private OneFile() {}

  /**
   * @throws IOException if it is no plain file, or larger than 1 MiB
   */
  static byte[] of(InputStream tar) throws IOException {
    byte[] header = tar.readNBytes(BLOCK);
    if (header.length < BLOCK || (header[TYPE_AT] != '0' && header[TYPE_AT] != 0)) {
      throw new IOException("it is no plain file");
    }
    String size = new String(header, SIZE_AT, SIZE_LENGTH, StandardCharsets.US_ASCII).strip();
    String digits = size.replace("\0", "");
    if (!digits.matches("[0-7]{1,11}") || Long.parseLong(digits, 8) > MOST) {
      throw new IOException("its size is not one of such a file");
    }
    int length = Integer.parseInt(digits, 8);
    byte[] content = tar.readNBytes(length);
    if (content.length < length) {
      throw new IOException("it ends early");
    }
    return content;
  }
}

package dev.holdfast.model.archive;

import dev.holdfast.model.json.Quote;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One block of 512 bytes at the head of a tar entry, in the one form that Holdfast writes. */
final class Header {
  static final int BLOCK = 512;
  static final char FILE = '0';
  static final char LINK = '2';
  static final char FOLDER = '5';

  /** A header before a header, with the name and target that this form has no room for. */
  static final char LONG = 'x';

  static final int SHORT = 100;
  private static final int SUM = 148;
  private static final byte[] MAGIC = "ustar\00000".getBytes(StandardCharsets.US_ASCII);

  private Header() {}

  /** What a header says. */
  record Said(String name, int mode, long size, long modified, char kind, String target) {}

  static byte[] block(Said said) {
    byte[] block = new byte[BLOCK];
    text(block, 0, said.name());
    octal(block, 100, 8, said.mode());
    octal(block, 108, 8, 0);
    octal(block, 116, 8, 0);
    octal(block, 124, 12, said.size());
    octal(block, 136, 12, said.modified());
    block[156] = (byte) said.kind();
    text(block, 157, said.target());
    System.arraycopy(MAGIC, 0, block, 257, MAGIC.length);
    octal(block, SUM, 7, sum(block));
    block[SUM + 7] = ' ';
    return block;
  }

  /** The header in {@code block}, which is not empty. */
  static Said read(byte[] block) throws BadArchive {
    if (!Arrays.equals(block, 257, 257 + MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new BadArchive("the archive is not a tar file of the kind that Holdfast writes");
    }
    if (octal(block, SUM, 7) != sum(block)) {
      throw new BadArchive("the archive is damaged: a header's sum is wrong");
    }
    for (int i = 345; i < BLOCK; i++) {
      if (block[i] != 0) {
        throw new BadArchive("the archive has a header with a prefix, which Holdfast never writes");
      }
    }
    return new Said(
        text(block, 0, SHORT),
        (int) octal(block, 100, 8),
        octal(block, 124, 12),
        octal(block, 136, 12),
        (char) (block[156] & 0xff),
        text(block, 157, SHORT));
  }

  /** The sum over a header, its own place taken as spaces. */
  private static long sum(byte[] block) {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= SUM && i < SUM + 8 ? ' ' : block[i] & 0xff;
    }
    return sum;
  }

  private static void text(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > SHORT) {
      throw new IllegalArgumentException("a name does not fit into a header");
    }
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }

  private static void octal(byte[] block, int at, int width, long value) {
    String digits = Long.toOctalString(value);
    if (value < 0 || digits.length() > width - 1) {
      throw new IllegalArgumentException(value + " does not fit into a header");
    }
    byte[] padded =
        ("0".repeat(width - 1 - digits.length()) + digits).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(padded, 0, block, at, padded.length);
  }

  private static long octal(byte[] block, int at, int width) throws BadArchive {
    long value = 0;
    for (int i = at; i < at + width; i++) {
      if (block[i] == 0 || block[i] == ' ') {
        if (i == at) {
          throw new BadArchive("the archive is damaged: a header lacks a number");
        }
        return value;
      }
      if (block[i] < '0' || block[i] > '7') {
        throw new BadArchive("the archive is damaged: a header has a number that is none");
      }
      value = value * 8 + block[i] - '0';
    }
    return value;
  }

  private static String text(byte[] block, int at, int most) throws BadArchive {
    int end = at;
    while (end < at + most && block[end] != 0) {
      end++;
    }
    return utf8(block, at, end - at);
  }

  /** Strictly: what is not UTF-8 has no name that two programs would agree on. */
  static String utf8(byte[] bytes, int at, int length) throws BadArchive {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, at, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new BadArchive(
          "the archive has the name "
              + Quote.of(new String(bytes, at, length, StandardCharsets.ISO_8859_1))
              + ", which is not UTF-8");
    }
  }
}

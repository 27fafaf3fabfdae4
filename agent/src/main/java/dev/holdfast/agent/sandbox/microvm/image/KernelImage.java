package dev.holdfast.agent.sandbox.microvm.image;

import dev.holdfast.model.json.Quote;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * A Linux kernel as monitors take it: an uncompressed ELF {@code vmlinux} that can be started
 * without firmware. A {@code bzImage} is unpacked to one.
 *
 * @param elf the whole of it
 * @param version as {@code uname -r} will say
 */
record KernelImage(byte[] elf, String version) {
  private static final int MOST_BYTES = 256 * 1024 * 1024;
  private static final int ELF = 0x464c457f;
  private static final int BOOT_HEADER = 0x53726448;
  private static final short X86_64 = 62;
  private static final int NOTE = 4;

  /** The note by which a kernel says where it is entered without firmware. */
  private static final int PVH_ENTRY = 18;

  private static final Pattern VERSION =
      Pattern.compile("Linux version ([0-9][0-9A-Za-z.+~_-]{1,99}) ");

  /**
   * Reads {@code file}.
   *
   * @throws BadImage if it is no kernel that a machine can be started with
   */
  static KernelImage read(Path file) throws BadImage {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MOST_BYTES + 1);
    } catch (IOException e) {
      throw new BadImage("the kernel " + file + " cannot be read: " + e, e);
    }
    if (bytes.length < 0x300 || bytes.length > MOST_BYTES) {
      throw new BadImage("the kernel " + file + " is not a kernel: it has " + bytes.length + " B");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    byte[] elf = in.getInt(0) == ELF ? bytes : unpacked(file, in);
    check(file, ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN));
    return new KernelImage(elf, version(file, elf));
  }

  private static byte[] unpacked(Path file, ByteBuffer in) throws BadImage {
    if (in.getInt(0x202) != BOOT_HEADER) {
      throw new BadImage(
          "the kernel "
              + file
              + " is neither a vmlinux (ELF) nor a bzImage; name the vmlinuz of a Linux for x86-64");
    }
    int sectors = Byte.toUnsignedInt(in.get(0x1f1));
    long start = ((sectors == 0 ? 4 : sectors) + 1) * 512L + in.getInt(0x248);
    long length = in.getInt(0x24c);
    if (start < 0 || length < 16 || start + length > in.capacity()) {
      throw new BadImage("the kernel " + file + " is cut short; fetch it again");
    }
    var packed = in.slice((int) start, (int) length).order(ByteOrder.LITTLE_ENDIAN);
    try {
      if (packed.getInt(0) == Lz4.LEGACY) {
        return Lz4.legacy(packed, MOST_BYTES);
      }
      if (packed.getShort(0) == (short) 0x8b1f) {
        byte[] zipped = new byte[packed.remaining()];
        packed.get(zipped);
        return gunzip(zipped);
      }
    } catch (IOException e) {
      throw new BadImage("the kernel " + file + " cannot be unpacked: " + e.getMessage(), e);
    }
    throw new BadImage(
        "the kernel "
            + file
            + " is packed in a way that is not read here (gzip and lz4 are); name its unpacked"
            + " vmlinux, as the kernel's scripts/extract-vmlinux writes it");
  }

  private static byte[] gunzip(byte[] zipped) throws IOException {
    var out = new ByteArrayOutputStream();
    // Behind the kernel stands its length, which is no second member: read what the first is.
    try (var in = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
      byte[] all = in.readNBytes(MOST_BYTES);
      out.writeBytes(all);
    }
    return out.toByteArray();
  }

  private static void check(Path file, ByteBuffer elf) throws BadImage {
    boolean amd64 =
        elf.capacity() > 64
            && elf.getInt(0) == ELF
            && elf.get(4) == 2
            && elf.get(5) == 1
            && elf.getShort(18) == X86_64;
    if (!amd64) {
      throw new BadImage("the kernel " + file + " is not for x86-64, which machines here are");
    }
    long headers = elf.getLong(32);
    int size = Short.toUnsignedInt(elf.getShort(54));
    int count = Short.toUnsignedInt(elf.getShort(56));
    for (int i = 0; i < count; i++) {
      long at = headers + (long) i * size;
      if (at < 0 || at + 56 > elf.capacity()) {
        break;
      }
      if (elf.getInt((int) at) == NOTE
          && hasEntry(elf, elf.getLong((int) at + 8), elf.getLong((int) at + 32))) {
        return;
      }
    }
    throw new BadImage(
        "the kernel "
            + file
            + " cannot be started without firmware: it was built without CONFIG_PVH; Debian's"
            + " linux-image-cloud-amd64 has it");
  }

  private static boolean hasEntry(ByteBuffer elf, long start, long size) {
    long at = start;
    while (at >= 0 && at + 12 <= start + size && at + 12 <= elf.capacity()) {
      int name = elf.getInt((int) at);
      int data = elf.getInt((int) at + 4);
      if (elf.getInt((int) at + 8) == PVH_ENTRY) {
        return true;
      }
      if (name < 0 || data < 0) {
        return false;
      }
      at += 12 + (name + 3L) / 4 * 4 + (data + 3L) / 4 * 4;
    }
    return false;
  }

  private static String version(Path file, byte[] elf) throws BadImage {
    String text = new String(elf, StandardCharsets.ISO_8859_1);
    Matcher found = VERSION.matcher(text);
    if (!found.find()) {
      throw new BadImage("the kernel " + Quote.of(file.toString()) + " does not say its version");
    }
    return found.group(1);
  }
}

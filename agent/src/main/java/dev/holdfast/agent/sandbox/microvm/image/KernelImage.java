package dev.holdfast.agent.sandbox.microvm.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
record KernelImage(Path elf, String version) {
  private static final int MOST_PACKED = 64 * 1024 * 1024;
  private static final long MOST_BYTES = 512L * 1024 * 1024;
  private static final int ELF = 0x464c457f;
  private static final int BOOT_HEADER = 0x53726448;
  private static final short X86_64 = 62;
  private static final int NOTE = 4;

  /** The note by which a kernel says where it is entered without firmware. */
  private static final int PVH_ENTRY = 18;

  private static final byte[] BANNER = "Linux version ".getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST_VERSION = 100;
  private static final Pattern VERSION = Pattern.compile("([0-9][0-9A-Za-z.+~_-]{1,99}) .*");

  /**
   * Reads {@code file}, and writes it to {@code elf} as monitors take it.
   *
   * @throws BadImage if it is no kernel that a machine can be started with
   */
  static KernelImage read(Path file, Path elf) throws BadImage {
    try {
      long size = Files.size(file);
      byte[] first;
      try (InputStream in = Files.newInputStream(file)) {
        first = in.readNBytes(0x300);
      }
      if (first.length < 0x300 || size > MOST_BYTES) {
        throw new BadImage("the kernel " + file + " is not a kernel: it has " + size + " bytes");
      }
      ByteBuffer header = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN);
      if (header.getInt(0) == ELF) {
        Files.copy(file, elf);
      } else if (header.getInt(0x202) == BOOT_HEADER && size <= MOST_PACKED) {
        unpack(file, elf);
      } else {
        throw new BadImage(
            "the kernel "
                + file
                + " is neither a vmlinux (ELF) nor a bzImage; name the vmlinuz of a Linux for"
                + " x86-64");
      }
    } catch (IOException e) {
      throw new BadImage("the kernel " + file + " cannot be read: " + e.getMessage(), e);
    }
    // Mapped, since an unpacked kernel is larger than what a command's Java may use.
    try (var channel = FileChannel.open(elf, StandardOpenOption.READ)) {
      ByteBuffer whole =
          channel
              .map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
              .order(ByteOrder.LITTLE_ENDIAN);
      check(file, whole);
      return new KernelImage(elf, version(file, whole));
    } catch (IOException e) {
      throw new BadImage("the kernel " + elf + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static void unpack(Path file, Path elf) throws IOException, BadImage {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int sectors = Byte.toUnsignedInt(in.get(0x1f1));
    long start = ((sectors == 0 ? 4 : sectors) + 1) * 512L + in.getInt(0x248);
    long length = in.getInt(0x24c);
    if (start < 0 || length < 16 || start + length > in.capacity()) {
      throw new BadImage("the kernel " + file + " is cut short; fetch it again");
    }
    var packed = in.slice((int) start, (int) length).order(ByteOrder.LITTLE_ENDIAN);
    try (OutputStream out = Files.newOutputStream(elf)) {
      if (packed.getInt(0) == Lz4.LEGACY) {
        Lz4.legacy(packed, out, MOST_BYTES);
      } else if (packed.getShort(0) == (short) 0x8b1f) {
        gunzip(new ByteArrayInputStream(in.array(), (int) start, (int) length), out);
      } else {
        throw new BadImage(
            "the kernel "
                + file
                + " is packed in a way that is not read here (gzip and lz4 are); name its unpacked"
                + " vmlinux, as the kernel's scripts/extract-vmlinux writes it");
      }
    }
  }

  private static void gunzip(InputStream zipped, OutputStream out) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    long all = 0;
    try (var in = new GZIPInputStream(zipped)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        all += n;
        if (all > MOST_BYTES) {
          throw new IOException("it is larger than " + MOST_BYTES + " bytes");
        }
        out.write(buffer, 0, n);
      }
    }
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

  private static String version(Path file, ByteBuffer elf) throws BadImage {
    for (int at = 0; at + BANNER.length + LONGEST_VERSION < elf.capacity(); at++) {
      if (elf.get(at) != BANNER[0] || !is(BANNER, elf, at)) {
        continue;
      }
      byte[] text = new byte[LONGEST_VERSION];
      elf.get(at + BANNER.length, text);
      Matcher found =
          VERSION.matcher(
              new String(text, StandardCharsets.ISO_8859_1).lines().findFirst().orElse(""));
      if (found.matches()) {
        return found.group(1);
      }
    }
    throw new BadImage("the kernel " + file + " does not say its version");
  }

  private static boolean is(byte[] text, ByteBuffer in, int at) {
    for (int i = 0; i < text.length; i++) {
      if (in.get(at + i) != text[i]) {
        return false;
      }
    }
    return true;
  }
}

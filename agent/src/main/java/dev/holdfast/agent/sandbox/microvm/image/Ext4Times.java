package dev.holdfast.agent.sandbox.microvm.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Sets every time in a file system to one, so that the same files make the same image: {@code
 * mke2fs -d} takes over when each file was last looked at and changed here. Only for one without
 * checksums of inodes.
 */
final class Ext4Times {
  private static final int SUPERBLOCK = 1024;
  private static final int MAGIC = 0xef53;
  private static final int WIDE = 0x80;
  private static final int CHECKSUMS = 0x400;

  /** In an inode: last access, change, modification; and with nanoseconds, the making. */
  private static final int[] TIMES = {0x08, 0x0c, 0x10, 0x90};

  private static final int[] NANOSECONDS = {0x84, 0x88, 0x8c, 0x94};

  private final FileChannel file;
  private final int seconds;

  private Ext4Times(FileChannel file, int seconds) {
    this.file = file;
    this.seconds = seconds;
  }

  static void set(Path image, long epochSeconds) throws IOException {
    try (var file = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      new Ext4Times(file, Math.toIntExact(epochSeconds)).set();
    }
  }

  private ByteBuffer read(long at, int size) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (file.read(bytes, at + bytes.position()) < 0) {
        throw new IOException("the file system is cut short");
      }
    }
    return bytes.flip();
  }

  private void set() throws IOException {
    ByteBuffer superblock = read(SUPERBLOCK, 1024);
    int inodes = superblock.getInt(0);
    int block = 1024 << superblock.getInt(0x18);
    int blocksPerGroup = superblock.getInt(0x20);
    int inodesPerGroup = superblock.getInt(0x28);
    int inodeSize = Short.toUnsignedInt(superblock.getShort(0x58));
    boolean wide = (superblock.getInt(0x60) & WIDE) != 0;
    if (Short.toUnsignedInt(superblock.getShort(0x38)) != MAGIC
        || (superblock.getInt(0x64) & CHECKSUMS) != 0
        || inodeSize < 256
        || blocksPerGroup <= 0
        || inodesPerGroup <= 0) {
      throw new IOException("mke2fs made a file system of another form than it was told to");
    }
    int groups = (inodes + inodesPerGroup - 1) / inodesPerGroup;
    int descriptor = wide ? Short.toUnsignedInt(superblock.getShort(0xfe)) : 32;
    long first = block == 1024 ? 2L * block : block;
    ByteBuffer descriptors = read(first, groups * descriptor);
    for (int group = 0; group < groups; group++) {
      long low = Integer.toUnsignedLong(descriptors.getInt(group * descriptor + 8));
      long high = wide ? Integer.toUnsignedLong(descriptors.getInt(group * descriptor + 0x28)) : 0;
      set((high << 32 | low) * block, inodesPerGroup, inodeSize);
    }
  }

  /** All of one table at once; what is no inode stays zero. */
  private void set(long table, int count, int size) throws IOException {
    ByteBuffer all = read(table, count * size);
    for (int i = 0; i < count; i++) {
      int at = i * size;
      if (all.getShort(at) == 0 && all.getShort(at + 0x1a) == 0) {
        continue;
      }
      for (int place : TIMES) {
        all.putInt(at + place, seconds);
      }
      for (int place : NANOSECONDS) {
        all.putInt(at + place, 0);
      }
    }
    while (all.hasRemaining()) {
      file.write(all, table + all.position());
    }
  }
}

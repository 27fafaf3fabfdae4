package dev.holdfast.model.archive;

import dev.holdfast.model.json.Quote;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads a compressed tar whose writer may be hostile: only what {@link ArchiveWriter} writes, in
 * its order, within {@link Caps}. What an entry is called and where a link leads is checked before
 * it is given out, so that a reader that writes no entry through a link cannot be led out of its
 * folder. Not thread-safe.
 */
public final class ArchiveReader {
  private static final int MOST_RECORDS = 4096;

  private final Packed packed;
  private final InputStream in;
  private final Caps caps;
  private final int depth;
  private String last = "";
  private boolean lastHolds = true;
  private long left;
  private int padding;
  private long unpacked;
  private int entries;

  /**
   * @param depth how many of the first names of an entry are its root's: a link stays below these
   */
  public ArchiveReader(InputStream from, Caps caps, int depth) throws IOException {
    this.packed = new Packed(from);
    this.caps = caps;
    this.depth = depth;
    try {
      this.in = new GZIPInputStream(packed, 64 * 1024);
    } catch (ZipException | EOFException e) {
      throw new BadArchive("the archive is not compressed as Holdfast does it");
    }
  }

  /** Counts what comes in. */
  private static final class Packed extends InputStream {
    private final InputStream from;
    private long count;

    Packed(InputStream from) {
      this.from = from;
    }

    @Override
    public int read() throws IOException {
      int read = from.read();
      count += read < 0 ? 0 : 1;
      return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = from.read(bytes, offset, length);
      count += Math.max(0, read);
      return read;
    }

    @Override
    public int available() throws IOException {
      return from.available();
    }
  }

  /** How many entries came so far. */
  public int entries() {
    return entries;
  }

  /** The next entry; empty at the end. What is left of the one before is passed over. */
  public Optional<Entry> next() throws IOException {
    byte[] rest = new byte[64 * 1024];
    while (left > 0) {
      content(rest, 0, rest.length);
    }
    block(padding);
    padding = 0;
    byte[] block = block(Header.BLOCK);
    if (empty(block)) {
      end();
      return Optional.empty();
    }
    Header.Said said = Header.read(block);
    String name = said.name();
    String target = said.target();
    if (said.kind() == Header.LONG) {
      Longer longer = longer(said.size());
      said = Header.read(block(Header.BLOCK));
      name = longer.name;
      target = longer.target;
    }
    Entry entry = entry(said, name, target);
    entries++;
    if (entry instanceof Entry.File file) {
      left = file.size();
      padding = (int) ((Header.BLOCK - file.size() % Header.BLOCK) % Header.BLOCK);
    }
    caps.check(packed.count, unpacked + left, entries);
    inOrder(entry);
    return Optional.of(entry);
  }

  /** The next bytes of the file that {@link #next} gave; -1 at its end. */
  public int content(byte[] bytes, int offset, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    int read = read(bytes, offset, (int) Math.min(length, left));
    if (read < 0) {
      throw new BadArchive("the archive ends in the middle of " + Quote.of(last));
    }
    left -= read;
    unpacked += read;
    caps.check(packed.count, unpacked, entries);
    caps.checkRatio(packed.count, unpacked);
    return read;
  }

  private Entry entry(Header.Said said, String name, String target) throws IOException {
    try {
      return switch (said.kind()) {
        case Header.FOLDER -> {
          none(said.size(), name);
          yield new Entry.Folder(name.endsWith("/") ? name.substring(0, name.length() - 1) : name);
        }
        case Header.FILE ->
            new Entry.File(name, (said.mode() & 0100) != 0, said.size(), said.modified());
        case Header.LINK -> {
          none(said.size(), name);
          var link = new Entry.Link(name, target);
          link.check(depth);
          yield link;
        }
        default ->
            throw new BadArchive(
                "something named "
                    + Quote.of(name)
                    + " is "
                    + kind(said.kind())
                    + "; only files, folders and symbolic links are kept");
      };
    } catch (IllegalArgumentException e) {
      throw new BadArchive(String.valueOf(e.getMessage()));
    }
  }

  private static String kind(char kind) {
    return switch (kind) {
      case '1' -> "a hard link";
      case '3', '4' -> "a device";
      case '6' -> "a pipe";
      default -> "of the kind " + Quote.of(String.valueOf(kind));
    };
  }

  private static void none(long size, String name) throws BadArchive {
    if (size != 0) {
      throw new BadArchive("something named " + Quote.of(name) + " has bytes that it cannot have");
    }
  }

  /** Nothing twice, nothing through a file or link: what is in order can be neither. */
  private void inOrder(Entry entry) throws BadArchive {
    if (!last.isEmpty() && Names.order(last, entry.name()) >= 0) {
      throw new BadArchive(
          Quote.of(entry.name()) + " comes twice in the archive, or after " + Quote.of(last));
    }
    if (!lastHolds && entry.name().startsWith(last + "/")) {
      throw new BadArchive(
          Quote.of(entry.name()) + " would lie in " + Quote.of(last) + ", which is no folder");
    }
    last = entry.name();
    lastHolds = entry instanceof Entry.Folder;
  }

  private record Longer(String name, String target) {}

  private Longer longer(long size) throws IOException {
    if (size > MOST_RECORDS) {
      throw new BadArchive("the archive has a name that is too long");
    }
    byte[] records = block((int) size);
    block((int) ((Header.BLOCK - size % Header.BLOCK) % Header.BLOCK));
    String name = "";
    String target = "";
    int at = 0;
    while (at < records.length) {
      int space = at;
      while (space < records.length && records[space] != ' ') {
        space++;
      }
      String digits = Header.utf8(records, at, Math.min(space - at, 8));
      if (!digits.matches("[1-9][0-9]{0,3}")) {
        throw new BadArchive("the archive has a long name that cannot be read");
      }
      int end = at + Integer.parseInt(digits);
      if (end > records.length || space + 1 >= end || records[end - 1] != '\n') {
        throw new BadArchive("the archive has a long name that cannot be read");
      }
      String pair = Header.utf8(records, space + 1, end - 1 - (space + 1));
      if (pair.startsWith("path=") && name.isEmpty()) {
        name = pair.substring(5);
      } else if (pair.startsWith("linkpath=") && target.isEmpty()) {
        target = pair.substring(9);
      } else {
        throw new BadArchive(
            "the archive says " + Quote.of(pair) + " of an entry, which Holdfast never writes");
      }
      at = end;
    }
    return new Longer(name, target);
  }

  private void end() throws IOException {
    if (!empty(block(Header.BLOCK))) {
      throw new BadArchive("the archive goes on after its end");
    }
    if (read(new byte[1], 0, 1) >= 0) {
      throw new BadArchive("the archive goes on after its end");
    }
    caps.check(packed.count, unpacked, entries);
  }

  private static boolean empty(byte[] block) {
    return Arrays.equals(block, new byte[block.length]);
  }

  private byte[] block(int length) throws IOException {
    byte[] block = new byte[length];
    int at = 0;
    while (at < length) {
      int read = read(block, at, length - at);
      if (read < 0) {
        throw new BadArchive("the archive ends before its end");
      }
      at += read;
    }
    return block;
  }

  private int read(byte[] bytes, int offset, int length) throws IOException {
    try {
      return in.read(bytes, offset, length);
    } catch (ZipException | EOFException e) {
      throw new BadArchive("the archive is damaged: " + e.getMessage());
    }
  }
}

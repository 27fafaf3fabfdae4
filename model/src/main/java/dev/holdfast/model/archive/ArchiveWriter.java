package dev.holdfast.model.archive;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Writes files as a compressed tar that {@link ArchiveReader}, and every tar program, reads.
 * Entries are given in the order of {@link Names#order}. Not thread-safe.
 */
public final class ArchiveWriter implements Closeable {
  private static final int BUFFER = 64 * 1024;

  private final OutputStream out;
  private final byte[] buffer = new byte[BUFFER];

  public ArchiveWriter(OutputStream to) throws IOException {
    out = new BufferedOutputStream(new Fast(to), BUFFER);
  }

  /** Level 1: what is kept are mostly packed jars, and whoever waits is a job. */
  private static final class Fast extends GZIPOutputStream {
    Fast(OutputStream out) throws IOException {
      super(out, BUFFER);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  public void folder(Entry.Folder folder) throws IOException {
    header(folder.name() + "/", 0755, 0, 0, Header.FOLDER, "");
  }

  public void link(Entry.Link link) throws IOException {
    header(link.name(), 0777, 0, 0, Header.LINK, link.target());
  }

  /**
   * Writes a file.
   *
   * @param content has exactly {@code file.size()} bytes
   * @throws IOException also if it has fewer: then nothing more can be written
   */
  public void file(Entry.File file, InputStream content) throws IOException {
    header(
        file.name(),
        file.executable() ? 0755 : 0644,
        file.size(),
        Math.max(0, Math.min(file.modified(), 077777777777L)),
        Header.FILE,
        "");
    long left = file.size();
    while (left > 0) {
      int read = content.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (read < 0) {
        throw new IOException("the file " + file.name() + " became shorter while it was read");
      }
      out.write(buffer, 0, read);
      left -= read;
    }
    pad(file.size());
  }

  private void header(String name, int mode, long size, long modified, char kind, String target)
      throws IOException {
    byte[] longName = name.getBytes(StandardCharsets.UTF_8);
    byte[] longTarget = target.getBytes(StandardCharsets.UTF_8);
    if (longName.length > Header.SHORT || longTarget.length > Header.SHORT) {
      byte[] records =
          (record("path", name) + (target.isEmpty() ? "" : record("linkpath", target)))
              .getBytes(StandardCharsets.UTF_8);
      out.write(Header.block(new Header.Said("long", 0644, records.length, 0, Header.LONG, "")));
      out.write(records);
      pad(records.length);
      out.write(Header.block(new Header.Said("long", mode, size, modified, kind, "")));
    } else {
      out.write(Header.block(new Header.Said(name, mode, size, modified, kind, target)));
    }
  }

  /** A pax record: its own length, the key, the value. */
  private static String record(String key, String value) {
    String body = " " + key + "=" + value + "\n";
    int bytes = body.getBytes(StandardCharsets.UTF_8).length;
    int length = bytes;
    while (length != bytes + Integer.toString(length).length()) {
      length = bytes + Integer.toString(length).length();
    }
    return length + body;
  }

  private void pad(long size) throws IOException {
    int over = (int) (size % Header.BLOCK);
    if (over > 0) {
      out.write(new byte[Header.BLOCK - over]);
    }
  }

  /** Writes the end; without it the archive is none. */
  @Override
  public void close() throws IOException {
    out.write(new byte[2 * Header.BLOCK]);
    out.close();
  }
}

package dev.holdfast.agent;

import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.agent.ProbeReport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What came of the newest probe of this host, in a file of the agent's folder. Whoever probes is
 * another process, and may be another user than the agent; so what stands there is read as
 * something that anybody wrote.
 */
public final class LastProbe {
  private static final String NAME = "probe.json";
  private static final int LARGEST = 16 * 1024;

  private final Path file;

  /**
   * @param data the agent's directory
   */
  public LastProbe(Path data) {
    this.file = data.resolve(NAME);
  }

  /** By which a file is known to be the same. */
  record Mark(FileTime modified, long size, String key) {}

  /**
   * Leaves {@code report} in place of the one before. Whoever reads meanwhile has one of the two,
   * whole.
   *
   * @return where it is
   */
  public Path leave(ProbeReport report) throws IOException {
    Path beside = file.resolveSibling("." + NAME + "." + UUID.randomUUID());
    try {
      // Made and written by one handle, so that no link which stands there is ever followed.
      try (FileChannel out =
          FileChannel.open(
              beside,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")))) {
        ByteBuffer bytes = ByteBuffer.wrap(Records.utf8(ProbeReport.class, report));
        while (bytes.hasRemaining()) {
          var _ = out.write(bytes);
        }
        out.force(true);
      }
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(beside);
    }
    return file;
  }

  /** Which one is there; empty if none is. */
  Optional<Mark> mark() throws IOException {
    try {
      BasicFileAttributes found =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return Optional.of(
          new Mark(found.lastModifiedTime(), found.size(), String.valueOf(found.fileKey())));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * The one that is there.
   *
   * @throws IOException if it is none; the message says why
   */
  ProbeReport read() throws IOException {
    BasicFileAttributes found =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!found.isRegularFile()) {
      throw new IOException(file + " is no file; remove it and probe again");
    }
    byte[] bytes;
    try (InputStream in =
        Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      bytes = in.readNBytes(LARGEST + 1);
    }
    if (bytes.length > LARGEST) {
      throw new IOException(file + " is larger than a report of a probe; probe again");
    }
    try {
      return Records.read(ProbeReport.class, bytes);
    } catch (MalformedJson e) {
      throw new IOException(
          file + " is no report of a probe: " + e.getMessage() + "; probe again", e);
    }
  }
}

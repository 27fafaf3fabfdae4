package dev.holdfast.orchestrator.blob;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Files below one folder: {@code sha256/ab/…} for blobs, {@code incoming/} for uploads, {@code
 * damaged/} for what was found to be changed. A blob is written beside, flushed and renamed, so
 * that what stands under a digest is whole, whenever the machine stops.
 */
public final class FileBlobStore implements BlobStore {
  private static final Pattern UPLOAD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,150}");
  private static final Pattern BLOB = Pattern.compile("[0-9a-f]{64}");

  private final Path blobs;
  private final Path incoming;
  private final Path damaged;
  private final InstantSource clock;
  private final Map<Digest, Integer> pins = new HashMap<>();

  /** Makes the folder if it is not there; its files are its owner's alone. */
  public FileBlobStore(Path folder, InstantSource clock) throws IOException {
    this.clock = clock;
    var own = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(folder, own);
    blobs = Files.createDirectories(folder.resolve("sha256"), own);
    incoming = Files.createDirectories(folder.resolve("incoming"), own);
    damaged = Files.createDirectories(folder.resolve("damaged"), own);
  }

  @Override
  public long append(String upload, long offset, byte[] bytes) throws IOException, Gap {
    try (FileChannel file =
        FileChannel.open(
            incoming(upload),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS)) {
      long length = file.size();
      if (offset > length) {
        throw new Gap("it is " + length + " bytes long, and was sent more at " + offset);
      }
      long known = length - offset;
      if (known < bytes.length) {
        ByteBuffer rest = ByteBuffer.wrap(bytes, (int) known, (int) (bytes.length - known));
        long at = length;
        while (rest.hasRemaining()) {
          at += file.write(rest, at);
        }
        return at;
      }
      return length;
    }
  }

  @Override
  public long length(String upload) throws IOException {
    try {
      return Files.size(incoming(upload));
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  @Override
  public void discard(String upload) throws IOException {
    Files.deleteIfExists(incoming(upload));
  }

  @Override
  public Pin seal(String upload, Digest digest, long size) throws IOException, Mismatch {
    Path from = incoming(upload);
    try (FileChannel file =
        FileChannel.open(from, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (file.size() != size || !digest(file).equals(digest)) {
        Files.deleteIfExists(from);
        throw new Mismatch(
            "the bytes that came are not those of "
                + digest
                + " with "
                + size
                + " bytes; send it again");
      }
      file.force(true);
    } catch (NoSuchFileException e) {
      throw new Mismatch("nothing came of it; send it again");
    }
    Pin pin = pin(digest);
    try {
      Path to = blob(digest);
      Files.createDirectories(parent(to));
      Files.setLastModifiedTime(from, FileTime.from(clock.instant()));
      // Over one of the same bytes: whoever reads that goes on with it.
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      flush(parent(to));
      flush(blobs);
      return pin;
    } catch (NoSuchFileException e) {
      pin.close();
      throw new Mismatch("it was swept away meanwhile; send it again");
    } catch (IOException | RuntimeException e) {
      pin.close();
      throw e;
    }
  }

  private Pin pin(Digest digest) {
    synchronized (pins) {
      pins.merge(digest, 1, Integer::sum);
    }
    return new Pin() {
      private boolean closed;

      @Override
      public void close() {
        synchronized (pins) {
          if (!closed) {
            closed = true;
            pins.computeIfPresent(digest, (any, count) -> count == 1 ? null : count - 1);
          }
        }
      }
    };
  }

  @Override
  public Optional<Reading> open(Digest digest) throws IOException, Damaged {
    Path path = blob(digest);
    FileChannel file;
    try {
      file = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    try {
      if (!digest(file).equals(digest)) {
        // It stays to be looked at, where nobody is given it.
        Files.move(
            path,
            damaged.resolve(String.valueOf(path.getFileName())),
            StandardCopyOption.ATOMIC_MOVE);
        file.close();
        throw new Damaged("the bytes kept as " + digest + " were changed on the server's disk");
      }
      return Optional.of(new Opened(file, file.size()));
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private record Opened(FileChannel file, long size) implements Reading {
    @Override
    public InputStream from(long offset) throws IOException {
      file.position(offset);
      return Channels.newInputStream(file);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  @Override
  public int sweep(Predicate<Digest> needed, Duration age) throws IOException {
    FileTime old = FileTime.from(clock.instant().minus(age));
    int removed = 0;
    try (var folders = Files.newDirectoryStream(blobs)) {
      for (Path folder : folders) {
        removed += sweep(folder, needed, old);
      }
    }
    try (var uploads = Files.newDirectoryStream(incoming)) {
      for (Path upload : uploads) {
        if (older(upload, old)) {
          Files.deleteIfExists(upload);
        }
      }
    }
    return removed;
  }

  private int sweep(Path folder, Predicate<Digest> needed, FileTime old) throws IOException {
    int removed = 0;
    try (var files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (BLOB.matcher(name).matches() && older(file, old)) {
          removed += unneeded(file, new Digest("sha256:" + name), needed) ? 1 : 0;
        }
      }
    }
    return removed;
  }

  private boolean unneeded(Path file, Digest digest, Predicate<Digest> needed) throws IOException {
    synchronized (pins) {
      // In this order: what is not pinned any more is needed by now, or never will be.
      if (pins.containsKey(digest) || needed.test(digest)) {
        return false;
      }
      return Files.deleteIfExists(file);
    }
  }

  private static boolean older(Path file, FileTime old) throws IOException {
    try {
      return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).compareTo(old) < 0;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static Digest digest(FileChannel file) throws IOException {
    MessageDigest digest = Sha256.start();
    ByteBuffer buffer = ByteBuffer.allocate(256 * 1024);
    long at = 0;
    int read;
    while ((read = file.read(buffer, at)) >= 0) {
      at += read;
      digest.update(buffer.flip());
      buffer.clear();
    }
    return new Digest("sha256:" + HexFormat.of().formatHex(digest.digest()));
  }

  private Path incoming(String upload) {
    if (!UPLOAD.matcher(upload).matches()) {
      throw new IllegalArgumentException(Quote.of(upload) + " is not the name of an upload");
    }
    return incoming.resolve(upload);
  }

  private Path blob(Digest digest) {
    String hex = digest.value().substring("sha256:".length());
    return blobs.resolve(hex.substring(0, 2)).resolve(hex);
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalStateException(path + " has no parent");
    }
    return parent;
  }

  private static void flush(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}

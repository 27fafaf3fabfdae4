package dev.holdfast.agent.sandbox.microvm.snapshot;

import dev.holdfast.agent.sandbox.microvm.vmm.Snapshot;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code DATA/snapshots/}: for each key a directory, with the files and a record of what is in
 * them. It is made beside and gets its name when it is whole; from then on nobody changes it.
 * Thread-safe, but for one thread at a time that makes and removes.
 */
public final class SnapshotStore {
  private static final String RECORD = "record.json";
  private static final String UNFINISHED = "making-";
  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("---rwxrwx");

  private final Path directory;

  /** Keys whose files this process has read to their end. */
  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  /**
   * @param data the agent's data directory
   */
  public SnapshotStore(Path data) {
    this.directory = data.resolve("snapshots");
  }

  /** An empty directory, for a machine to be kept in; for {@link #keep} or {@link #abandon}. */
  public Path begin() throws IOException {
    var closed = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(directory, closed);
    return Files.createTempDirectory(directory, UNFINISHED, closed);
  }

  /**
   * Takes what was made in {@code making} for the snapshot of {@code key}.
   *
   * @return the same, where it is from now on
   */
  public Snapshot keep(SnapshotKey key, Path making, Snapshot made, Instant now)
      throws IOException {
    for (Path file : List.of(made.memory(), made.state())) {
      if (!making.equals(file.getParent())) {
        throw new IOException(file + " is not in " + making);
      }
    }
    String memory = digest(made.memory());
    var record =
        new KeptRecord(
            key.name(),
            name(made.memory()),
            memory,
            name(made.state()),
            made.state().equals(made.memory()) ? memory : digest(made.state()),
            now);
    Files.setPosixFilePermissions(made.memory(), PosixFilePermissions.fromString("r--------"));
    Files.setPosixFilePermissions(made.state(), PosixFilePermissions.fromString("r--------"));
    Files.write(making.resolve(RECORD), Records.utf8(KeptRecord.class, record));
    forget(key);
    Files.move(making, directory.resolve(key.name()), StandardCopyOption.ATOMIC_MOVE);
    seen.add(key.name());
    return at(record);
  }

  public void abandon(Path making) throws IOException {
    remove(making);
  }

  private Snapshot at(KeptRecord record) {
    Path kept = directory.resolve(record.key());
    return new Snapshot(kept.resolve(record.memory()), kept.resolve(record.state()));
  }

  /**
   * What was kept under {@code key}. The first time that this process asks, all of it is read.
   *
   * @throws BadSnapshot if it is there and is not what it was, or may have been another's to change
   */
  public Optional<Snapshot> find(SnapshotKey key, Instant now) throws BadSnapshot {
    Path kept = directory.resolve(key.name());
    try {
      KeptRecord record = Records.read(KeptRecord.class, Files.readAllBytes(kept.resolve(RECORD)));
      if (!record.key().equals(key.name())) {
        throw new BadSnapshot(kept + " is of another key; it is made again");
      }
      Snapshot snapshot = at(record);
      closed(kept, kept);
      closed(kept, snapshot.memory());
      closed(kept, snapshot.state());
      if (!seen.contains(key.name())) {
        same(snapshot.memory(), record.memoryDigest());
        if (!snapshot.state().equals(snapshot.memory())) {
          same(snapshot.state(), record.stateDigest());
        }
        seen.add(key.name());
      }
      // By which the one that nobody has used for longest is known.
      Files.setLastModifiedTime(kept.resolve(RECORD), FileTime.from(now));
      return Optional.of(snapshot);
    } catch (NoSuchFileException e) {
      if (Files.exists(kept, LinkOption.NOFOLLOW_LINKS)) {
        throw new BadSnapshot("of the snapshot " + kept + " a file is gone: " + e.getFile(), e);
      }
      return Optional.empty();
    } catch (IOException | MalformedJson e) {
      throw new BadSnapshot("the snapshot " + kept + " cannot be read: " + e, e);
    }
  }

  /** Whether nobody but this user can have written it. */
  private static void closed(Path kept, Path file) throws IOException, BadSnapshot {
    PosixFileAttributes is =
        Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    boolean kind = file.equals(kept) ? is.isDirectory() : is.isRegularFile();
    boolean mine = is.owner().equals(Files.getOwner(kept.getParent(), LinkOption.NOFOLLOW_LINKS));
    if (!kind || !mine || is.permissions().stream().anyMatch(OTHERS::contains)) {
      throw new BadSnapshot(file + " is not this agent's alone; it is made again");
    }
  }

  private static void same(Path file, String digest) throws IOException, BadSnapshot {
    if (!digest(file).equals(digest)) {
      throw new BadSnapshot(file + " is not what was kept; it is made again");
    }
  }

  private static String digest(Path file) throws IOException {
    try (var in = new DigestInputStream(Files.newInputStream(file), Sha256.start())) {
      in.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** Removes what is kept under {@code key}, if something is. */
  public void forget(SnapshotKey key) throws IOException {
    seen.remove(key.name());
    remove(directory.resolve(key.name()));
  }

  /** Removes all but the {@code most} that were used last. */
  public void collect(int most) throws IOException {
    List<Path> kept = new ArrayList<>(entries("[0-9a-f]*"));
    if (kept.size() <= most) {
      return;
    }
    var used = new java.util.HashMap<Path, FileTime>();
    for (Path each : kept) {
      used.put(each, lastUsed(each));
    }
    kept.sort(Comparator.comparing(used::get, Comparator.reverseOrder()));
    for (Path each : kept.subList(most, kept.size())) {
      seen.remove(name(each));
      remove(each);
    }
  }

  private static FileTime lastUsed(Path kept) throws IOException {
    try {
      return Files.getLastModifiedTime(kept.resolve(RECORD), LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      // Damaged, so the first to go.
      return FileTime.fromMillis(0);
    }
  }

  /** Removes what an earlier agent had not made to its end. */
  public void removeUnfinished() throws IOException {
    for (Path each : entries(UNFINISHED + "*")) {
      remove(each);
    }
  }

  private List<Path> entries(String glob) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (var listed = Files.newDirectoryStream(directory, glob)) {
      var found = new ArrayList<Path>();
      listed.forEach(found::add);
      return found;
    }
  }

  /** One level deep, as it was made; the record last, so that half of one is known as such. */
  private static void remove(Path kept) throws IOException {
    if (!Files.isDirectory(kept, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(kept);
      return;
    }
    try (var listed = Files.newDirectoryStream(kept)) {
      for (Path file : listed) {
        if (!name(file).equals(RECORD)) {
          Files.delete(file);
        }
      }
    }
    Files.deleteIfExists(kept.resolve(RECORD));
    Files.delete(kept);
  }
}

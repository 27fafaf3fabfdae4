package dev.holdfast.agent.job;

import dev.holdfast.agent.keep.Kept;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.digest.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled classes of workflows, in {@code DATA/classes/}, the longest unused forgotten first.
 *
 * <p>They were compiled in a sandbox, so a hostile image may have forged them. That is why the key
 * names the repository and the image beside the sources: what one image forged is only ever given
 * to the same repository's jobs in the same image. Thread-safe.
 */
public final class ClassCache {
  private static final Logger LOG = LoggerFactory.getLogger(ClassCache.class);
  private static final Duration ABANDONED = Duration.ofHours(1);

  private final Path directory;
  private final long most;
  private final InstantSource clock;

  /**
   * @param most bytes of all together; one entry is at most 4 MiB
   */
  public ClassCache(Path data, long most, InstantSource clock) throws IOException {
    this.directory =
        Files.createDirectories(
            data.resolve("classes"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    this.most = most;
    this.clock = clock;
    sweep(directory, clock.instant().minus(ABANDONED));
  }

  /** Names classes by everything that decides about them, and by whoever may be hurt by them. */
  static String key(Sources sources, String repository, String place, String distribution) {
    var sha = Sha256.start();
    for (String part : List.of(sources.digest(), repository, place, distribution)) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      sha.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      sha.update(bytes);
    }
    return HexFormat.of().formatHex(sha.digest());
  }

  Optional<byte[]> get(String key) throws IOException {
    Path file = directory.resolve(key + ".zip");
    try {
      byte[] zip = Files.readAllBytes(file);
      Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
      return Optional.of(zip);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  void put(String key, byte[] zip) throws IOException {
    Path beside = Files.createTempFile(directory, "new", ".tmp");
    Files.write(beside, zip);
    Path file = directory.resolve(key + ".zip");
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
    forget();
  }

  private synchronized void forget() throws IOException {
    var all = new ArrayList<Kept>();
    try (var listed = Files.newDirectoryStream(directory, "*.zip")) {
      for (Path file : listed) {
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        all.add(
            new Kept(
                String.valueOf(file.getFileName()),
                attributes.size(),
                attributes.lastModifiedTime().toInstant()));
      }
    }
    for (Kept old : Kept.beyond(most, all, name -> false)) {
      if (Files.deleteIfExists(directory.resolve(old.name()))) {
        LOG.info("forgot the classes {}: all together were beyond {} bytes", old.shown(), most);
      }
    }
  }

  /** Removes what a process that ended was writing; another may still write what is young. */
  private static void sweep(Path directory, Instant before) throws IOException {
    try (var listed = Files.newDirectoryStream(directory, "new*.tmp")) {
      for (Path file : listed) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}

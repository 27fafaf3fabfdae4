package dev.holdfast.agent.job;

import dev.holdfast.model.definition.Sources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Compiled classes of workflows, in {@code DATA/classes/}, the longest unused forgotten first.
 *
 * <p>They were compiled in a sandbox, so a hostile image may have forged them. That is why the key
 * names the repository and the image beside the sources: what one image forged is only ever given
 * to the same repository's jobs in the same image. Thread-safe.
 */
public final class ClassCache {
  private final Path directory;
  private final int most;
  private final InstantSource clock;

  /**
   * @param most entries to keep; each is at most 4 MiB
   */
  public ClassCache(Path data, int most, InstantSource clock) throws IOException {
    this.directory =
        Files.createDirectories(
            data.resolve("classes"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    this.most = most;
    this.clock = clock;
  }

  /** Names classes by everything that decides about them, and by whoever may be hurt by them. */
  static String key(Sources sources, String repository, String place, String distribution) {
    try {
      var sha = MessageDigest.getInstance("SHA-256");
      for (String part : List.of(sources.digest(), repository, place, distribution)) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        sha.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
        sha.update(bytes);
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
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
    var files = new ArrayList<Path>();
    try (var listed = Files.newDirectoryStream(directory, "*.zip")) {
      listed.forEach(files::add);
    }
    if (files.size() <= most) {
      return;
    }
    record Aged(Path file, FileTime used) {}
    var aged = new ArrayList<Aged>();
    for (Path file : files) {
      aged.add(new Aged(file, Files.getLastModifiedTime(file)));
    }
    aged.sort(Comparator.comparing(Aged::used));
    for (Aged old : aged.subList(0, aged.size() - most)) {
      Files.deleteIfExists(old.file());
    }
  }
}

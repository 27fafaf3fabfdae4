package dev.holdfast.agent.sandbox.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Which images each repository has had, by content and name: one file per repository, one image per
 * line. That the engine has an image proves only that somebody could pull it. Thread-safe.
 */
final class PulledImages {
  /** How a repository came by an image. */
  enum How {
    /** By a pull of its own, which succeeded. */
    PULLED,
    /** In a sandbox, whoever brought it here. */
    USED
  }

  private final Path directory;

  PulledImages(Path directory) {
    this.directory = directory;
  }

  synchronized boolean has(String repository, How how, String id, String name) throws IOException {
    Path file = file(repository);
    return Files.exists(file) && Files.readAllLines(file).contains(line(how, id, name));
  }

  synchronized void add(String repository, How how, String id, String name) throws IOException {
    if (!has(repository, how, id, name)) {
      Files.createDirectories(directory);
      Files.write(
          file(repository),
          List.of(line(how, id, name)),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  private static String line(How how, String id, String name) {
    return how + " " + id + " " + name;
  }

  private Path file(String repository) throws IOException {
    if (!repository.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new IOException("the repository's id is not a safe file name");
    }
    return directory.resolve(repository);
  }
}

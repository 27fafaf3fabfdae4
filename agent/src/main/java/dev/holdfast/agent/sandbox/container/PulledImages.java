package dev.holdfast.agent.sandbox.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Which images each repository has pulled itself, by content: one file per repository, one id per
 * line. That the engine has an image proves only that somebody could pull it. Thread-safe.
 */
final class PulledImages {
  private final Path directory;

  PulledImages(Path directory) {
    this.directory = directory;
  }

  synchronized boolean has(String repository, String id) throws IOException {
    Path file = file(repository);
    return Files.exists(file) && Files.readAllLines(file).contains(id);
  }

  synchronized void add(String repository, String id) throws IOException {
    if (!has(repository, id)) {
      Files.createDirectories(directory);
      Files.write(
          file(repository), List.of(id), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  private Path file(String repository) throws IOException {
    if (!repository.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new IOException("the repository's id is not a safe file name");
    }
    return directory.resolve(repository);
  }
}

package dev.holdfast.runner.job;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A directory below {@code /tmp} that nobody but this job's user can open, for one job. */
final class PrivateDirectory {
  private PrivateDirectory() {}

  static Path make() throws IOException {
    Path parent = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    // Not createTempDirectory, whose random numbers cost a job tens of milliseconds: a name that is
    // guessed and taken is passed over, and a directory that was made here is this user's alone.
    long number = System.nanoTime() & 0xffffff;
    for (int tries = 0; ; tries++) {
      Path path = parent.resolve("holdfast-" + ProcessHandle.current().pid() + "-" + number);
      try {
        return Files.createDirectory(path, owner);
      } catch (FileAlreadyExistsException e) {
        if (tries == 100) {
          throw e;
        }
        number++;
      }
    }
  }

  /** Removes it, its files, and links, not what they point to. */
  static void remove(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (Files.isDirectory(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
          remove(file);
        } else {
          Files.deleteIfExists(file);
        }
      }
    }
    Files.deleteIfExists(directory);
  }
}

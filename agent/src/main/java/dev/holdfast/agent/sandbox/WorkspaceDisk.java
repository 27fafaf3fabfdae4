package dev.holdfast.agent.sandbox;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A workspace that is a file system of its own, in a sparse file beside it: full when its size is
 * reached, in bytes or in files, and gone as a whole, however deep or many the files in it are.
 * Needs root.
 */
public final class WorkspaceDisk {
  private static final String FILE = "disk.img";
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private WorkspaceDisk() {}

  /** Mounts a new one of {@code bytes} on the empty workspace in {@code directory}. */
  static void make(Path directory, long bytes) throws IOException, InterruptedException {
    Path file = directory.resolve(FILE);
    Path workspace = directory.resolve("workspace");
    try (var made = new RandomAccessFile(file.toFile(), "rw")) {
      made.setLength(bytes);
    }
    // No journal and no set-up at leisure: it lives as long as one job.
    must(
        "mkfs.ext4",
        "-q",
        "-F",
        "-m",
        "0",
        "-O",
        "^has_journal",
        "-E",
        "lazy_itable_init=1,nodiscard",
        file.toString());
    must("mount", "-o", "loop,nosuid,nodev", file.toString(), workspace.toString());
    Files.delete(workspace.resolve("lost+found"));
    Files.setPosixFilePermissions(workspace, PosixFilePermissions.fromString("rwx------"));
  }

  /** Unmounts the one in {@code directory}, if there is one; its file is the directory's. */
  static void end(Path directory) throws IOException, InterruptedException {
    if (!Files.exists(directory.resolve(FILE), LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Path workspace = directory.resolve("workspace");
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (mounted(workspace)) {
      String said = JobDirectories.run("umount", workspace.toString());
      if (!said.isEmpty() && mounted(workspace)) {
        if (System.nanoTime() > deadline) {
          throw new IOException("the disk of " + workspace + " cannot be unmounted: " + said);
        }
        // The last process that used it is gone, and the kernel still lets go of its files.
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }

  /**
   * The block device that the workspace in {@code directory} is mounted from; none where it lies on
   * the host's disk.
   *
   * @throws IOException if it has a disk that is not mounted
   */
  public static Optional<Path> device(Path directory) throws IOException {
    if (!Files.exists(directory.resolve(FILE), LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    String point = " " + directory.resolve("workspace").toRealPath() + " ";
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo")).reversed()) {
      // After the hyphen: kind of file system, source, options.
      int rest = line.indexOf(" - ");
      if (line.contains(point) && rest >= 0) {
        return Optional.of(Path.of(line.substring(rest + 3).split(" ", -1)[1]));
      }
    }
    throw new IOException("the disk of the workspace in " + directory + " is not mounted");
  }

  private static boolean mounted(Path workspace) throws IOException {
    String point = " " + workspace.toRealPath() + " ";
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .anyMatch(line -> line.contains(point));
  }

  private static void must(String... command) throws IOException, InterruptedException {
    String said = JobDirectories.run(command);
    if (!said.isEmpty()) {
      throw new IOException("a disk for the workspace cannot be made: " + said);
    }
  }
}

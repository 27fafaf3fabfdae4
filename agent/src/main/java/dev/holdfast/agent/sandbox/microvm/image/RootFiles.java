package dev.holdfast.agent.sandbox.microvm.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Makes the base: a tree of files, then a file system of it. Nothing is mounted. Needs root. */
final class RootFiles {
  private static final int PATIENCE_MINUTES = 20;
  private static final int BLOCK = 4096;
  private static final long MIB = 1024 * 1024;

  /** One for all bases: the same files are the same bytes. */
  private static final String IDENTITY = "00000000-0000-4000-8000-686f6c646661";

  private final Path tree;
  private final long epochSeconds;

  /**
   * @param tree an empty directory that nobody else can enter
   * @param epochSeconds that nothing in the base is newer than
   */
  RootFiles(Path tree, long epochSeconds) {
    this.tree = tree;
    this.epochSeconds = epochSeconds;
  }

  /** Fills the tree with the system of {@code source}: a directory, or a tar archive of one. */
  void system(Path source) throws BadImage, InterruptedException {
    var command = new ArrayList<String>(List.of("tar"));
    if (Files.isDirectory(source)) {
      must("cannot copy the system " + source, Map.of(), "cp", "-a", source + "/.", tree + "/");
      emptyDevices();
      return;
    }
    // GNU tar keeps names and links within the place that it unpacks to.
    command.addAll(
        List.of(
            "--extract",
            "--file=" + source.toAbsolutePath(),
            "--directory=" + tree,
            "--numeric-owner",
            "--same-owner",
            "--preserve-permissions",
            "--anchored",
            "--exclude=dev/*",
            "--exclude=./dev/*"));
    must("cannot unpack the system " + source, Map.of(), command.toArray(String[]::new));
  }

  private void emptyDevices() throws BadImage, InterruptedException {
    if (!Files.isDirectory(tree.resolve("dev"), LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    must(
        "cannot empty dev",
        Map.of(),
        "find",
        tree.resolve("dev").toString(),
        "-xdev",
        "-mindepth",
        "1",
        "-delete");
  }

  /** Adds the runner, and the places that the guest agent mounts on. */
  void holdfast(Path runner) throws BadImage, InterruptedException {
    if (!Files.isDirectory(tree.resolve("usr"), LinkOption.NOFOLLOW_LINKS)) {
      throw new BadImage(
          "what the image is to be made from has no directory usr; name the root of a system, or a"
              + " tar archive of one");
    }
    try {
      for (String name :
          List.of("proc", "sys", "dev", "run", "tmp", "opt", "home", "workspace", "opt/holdfast")) {
        Path place = tree.resolve(name);
        if (Files.isSymbolicLink(place)) {
          throw new BadImage(
              "in what the image is to be made from, /" + name + " is a symbolic link; remove it");
        }
        Files.createDirectories(place);
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    } catch (IOException e) {
      throw new BadImage("the base cannot be prepared in " + tree + ": " + e, e);
    }
    // Nothing that was there before: a link in it would be written through.
    must(
        "cannot make room for the runner",
        Map.of(),
        "rm",
        "-rf",
        "--one-file-system",
        "--",
        tree.resolve("opt/holdfast").toString());
    must(
        "cannot copy the runner " + runner,
        Map.of(),
        "cp",
        "-r",
        "--preserve=mode,timestamps",
        "--no-target-directory",
        runner.toString(),
        tree.resolve("opt/holdfast").toString());
  }

  /**
   * Makes the file system of the tree as it is.
   *
   * @param image is made
   */
  void write(Path image) throws BadImage, InterruptedException {
    try {
      Size size = new Size();
      Files.walkFileTree(tree, size);
      long blocks = size.blocks + size.blocks / 12 + 8192;
      must(
          "cannot make the file system " + image,
          Map.of(
              "E2FSPROGS_FAKE_TIME",
              Long.toString(epochSeconds),
              "PATH",
              "/usr/sbin:/usr/bin:/sbin:/bin"),
          "mke2fs",
          "-q",
          "-F",
          "-t",
          "ext4",
          "-b",
          Integer.toString(BLOCK),
          "-I",
          "256",
          // No checksums of inodes, since their times are set afterwards; no journal, since nobody
          // writes.
          "-O",
          "^has_journal,^metadata_csum,^resize_inode",
          "-m",
          "0",
          "-N",
          Long.toString(size.files + 1024),
          "-U",
          IDENTITY,
          "-E",
          "hash_seed=" + IDENTITY + ",lazy_itable_init=1,nodiscard,root_owner=0:0",
          "-d",
          tree.toString(),
          image.toString(),
          blocks * BLOCK / MIB + 1 + "M");
      Ext4Times.set(image, epochSeconds);
    } catch (IOException e) {
      throw new BadImage("the file system " + image + " cannot be made: " + e.getMessage(), e);
    }
  }

  /** How large it is, by what is in it: not by how this host's file system keeps it. */
  private final class Size extends SimpleFileVisitor<Path> {
    private long blocks;
    private long files;

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      blocks++;
      files++;
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      blocks += attributes.isRegularFile() ? (attributes.size() + BLOCK - 1) / BLOCK + 1 : 1;
      files++;
      if (attributes.lastModifiedTime().toInstant().getEpochSecond() > epochSeconds
          && !attributes.isSymbolicLink()) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(epochSeconds)));
      }
      return FileVisitResult.CONTINUE;
    }
  }

  private static void must(String what, Map<String, String> environment, String... command)
      throws BadImage, InterruptedException {
    try {
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      byte[] said = process.getInputStream().readNBytes(2000);
      process.getInputStream().skip(Long.MAX_VALUE);
      if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new BadImage(what + ": not done after " + PATIENCE_MINUTES + " minutes");
      }
      if (process.exitValue() != 0) {
        throw new BadImage(
            what
                + ": "
                + new String(said, StandardCharsets.UTF_8).strip().replaceAll("\\p{Cntrl}+", " "));
      }
    } catch (IOException e) {
      throw new BadImage(what + ": " + e.getMessage() + "; apt-get install e2fsprogs tar", e);
    }
  }
}

package dev.holdfast.bench.host;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The one folder that a run writes to. Other users may pass through it, since sandboxes have users
 * of their own, but not look into it. Thread-safe.
 */
public final class Scratch {
  private final Path folder;
  private final AtomicInteger made = new AtomicInteger();

  private Scratch(Path folder) {
    this.folder = folder;
  }

  /** A new one in {@code parent}, which should be on a disk: durability is part of the figures. */
  public static Scratch in(Path parent) throws IOException {
    Path folder = Files.createTempDirectory(parent, "holdfast-bench-");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    return new Scratch(folder);
  }

  public Path path() {
    return folder;
  }

  /** A new folder in it. */
  public Path folder(String name) throws IOException {
    Path made = folder.resolve(name + "-" + this.made.incrementAndGet());
    Files.createDirectory(
        made, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    return made;
  }

  /** Removes all of it. */
  public void remove() throws IOException {
    remove(folder);
  }

  /** Removes {@code path} and what is below, following no link. */
  public static void remove(Path path) throws IOException {
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path directory, @org.jspecify.annotations.Nullable IOException e) throws IOException {
            if (e != null) {
              throw e;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}

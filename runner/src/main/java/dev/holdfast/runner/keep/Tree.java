package dev.holdfast.runner.keep;

import dev.holdfast.model.archive.Names;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files and links below a folder by their paths, in an archive's order; links are not followed.
 */
record Tree(Map<String, Path> files, Map<String, Path> links) {
  /** More than any archive may hold, and many times what a checkout has. */
  private static final int MOST = 2_000_000;

  static Tree of(Path folder) throws IOException {
    var files = new TreeMap<String, Path>(Names::order);
    var links = new TreeMap<String, Path>(Names::order);
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            // What git keeps for itself is no file of the job's.
            return directory.getParent() != null
                    && directory.getParent().equals(folder)
                    && directory.endsWith(".git")
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (files.size() + links.size() >= MOST) {
              throw new IOException("there are more than " + MOST + " files in " + folder);
            }
            String name = folder.relativize(file).toString();
            if (attributes.isRegularFile()) {
              files.put(name, file);
            } else if (attributes.isSymbolicLink()) {
              links.put(name, file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return new Tree(files, links);
  }
}

package dev.holdfast.agent.sandbox;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Hands directory trees to a job's user. */
public final class Workspace {
  private Workspace() {}

  /**
   * Makes {@code user} the owner of everything in and at {@code tree}.
   *
   * <p>Children first, the top last: until then its mode keeps the new owner out, so nothing can
   * swap a directory for a symbolic link while this walks.
   */
  public static void give(Path tree, HostUser user) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            own(file, user);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            own(directory, user);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Makes {@code user} the owner of {@code path} itself, also if it is a symbolic link. */
  public static void own(Path path, HostUser user) throws IOException {
    Files.setAttribute(path, "unix:uid", user.uid(), LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:gid", user.gid(), LinkOption.NOFOLLOW_LINKS);
  }
}

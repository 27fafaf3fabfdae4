package dev.holdfast.runner.keep;

import dev.holdfast.model.archive.ArchiveWriter;
import dev.holdfast.model.archive.Caps;
import dev.holdfast.model.archive.Entry;
import dev.holdfast.model.definition.Artifacts;
import dev.holdfast.model.definition.Glob;
import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.TreeMap;

/** Writes a job's files into an archive. Pipes, sockets and devices are passed over. */
final class Packer {
  private final ArchiveWriter out;
  private final int depth;
  private int entries;

  /**
   * @param depth how many of the first names of an entry are its root's
   */
  Packer(ArchiveWriter out, int depth) {
    this.out = out;
    this.depth = depth;
  }

  /** How many files, folders and links were written. */
  int entries() {
    return entries;
  }

  /** All of {@code path}, under the name {@code name}. */
  void all(String name, Path path) throws IOException {
    var attributes =
        Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (attributes.isDirectory()) {
      count();
      out.folder(named(() -> new Entry.Folder(name)));
      // In the archive's order, which among neighbours is that of their names.
      var inside = new TreeMap<String, Path>();
      try (var listed = Files.newDirectoryStream(path)) {
        listed.forEach(child -> inside.put(String.valueOf(child.getFileName()), child));
      }
      for (var child : inside.entrySet()) {
        all(name + "/" + child.getKey(), child.getValue());
      }
    } else {
      one(name, path, attributes);
    }
  }

  /** What an upload's patterns allow of the files in {@code workspace}. */
  void matching(Path workspace, Artifacts.Upload upload) throws IOException {
    List<String> patterns =
        upload.paths().stream().map(path -> path.endsWith("/") ? path + "**" : path).toList();
    Tree tree = Tree.of(workspace);
    var all = new TreeMap<String, Path>(dev.holdfast.model.archive.Names::order);
    all.putAll(tree.files());
    all.putAll(tree.links());
    for (var file : all.entrySet()) {
      if (Glob.allows(patterns, file.getKey())) {
        one(
            file.getKey(),
            file.getValue(),
            Files.readAttributes(
                file.getValue(), PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
      }
    }
  }

  private void one(String name, Path path, PosixFileAttributes attributes) throws IOException {
    if (attributes.isSymbolicLink()) {
      String target = Files.readSymbolicLink(path).toString();
      Entry.Link link = named(() -> new Entry.Link(name, target));
      link.check(depth);
      count();
      out.link(link);
    } else if (attributes.isRegularFile()) {
      count();
      file(name, path, attributes);
    }
  }

  private void file(String name, Path path, PosixFileAttributes attributes) throws IOException {
    try (InputStream in = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
      out.file(
          named(() ->
              new Entry.File(
                  name,
                  attributes.permissions().contains(PosixFilePermission.OWNER_EXECUTE),
                  attributes.size(),
                  modified(attributes))),
          in);
    }
  }

  private static long modified(BasicFileAttributes attributes) {
    return attributes.lastModifiedTime().toMillis() / 1000;
  }

  private void count() throws IOException {
    entries++;
    if (entries > Caps.standard().entries()) {
      throw new IOException(
          "there are more than "
              + Caps.standard().entries()
              + " files, folders and links; keep fewer");
    }
  }

  private interface Made<T> {
    T made();
  }

  private static <T> T named(Made<T> made) throws IOException {
    try {
      return made.made();
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Whether there is something at {@code path}. */
  static boolean exists(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** For messages. */
  static String quoted(Path path) {
    return Quote.of(path.toString());
  }
}

package dev.holdfast.agent.sandbox.microvm.guest;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;

/**
 * A tree of files as the guest unpacks it: for each a kind, a mode and a path; then a file's length
 * and bytes, or where a link leads. Directories stand before what is in them. Pipes, sockets and
 * devices are left out: a checkout has none.
 *
 * <p>The tree is the agent's own checkout, which no job can write.
 */
final class FileStream {
  private final Path root;
  private final DataOutputStream out;

  private FileStream(Path root, DataOutputStream out) {
    this.root = root;
    this.out = out;
  }

  static void write(Path root, DataOutputStream out) throws IOException {
    var stream = new FileStream(root, out);
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            if (!directory.equals(root)) {
              stream.head('d', directory);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isSymbolicLink()) {
              stream.head('l', file);
              stream.text(Files.readSymbolicLink(file));
            } else if (attributes.isRegularFile()) {
              stream.file(file, attributes.size());
            }
            return FileVisitResult.CONTINUE;
          }
        });
    out.writeByte('e');
  }

  private void head(char kind, Path file) throws IOException {
    out.writeByte(kind);
    int mode = (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    out.writeShort(mode & 0777);
    text(root.relativize(file));
  }

  private void text(Path path) throws IOException {
    byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
    if (!Path.of(new String(bytes, StandardCharsets.UTF_8)).equals(path)) {
      throw new IOException("the name of the file " + path + " is not UTF-8");
    }
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private void file(Path file, long size) throws IOException {
    head('f', file);
    out.writeLong(size);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[64 * 1024];
      long left = size;
      while (left > 0) {
        int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (n < 0) {
          // Only the agent writes here, and it has done so: said instead of guessed at.
          throw new IOException("the file " + file + " became shorter while it was read");
        }
        out.write(buffer, 0, n);
        left -= n;
      }
      Arrays.fill(buffer, (byte) 0);
    }
  }
}

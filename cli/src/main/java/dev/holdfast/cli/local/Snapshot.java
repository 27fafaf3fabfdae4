package dev.holdfast.cli.local;

import dev.holdfast.agent.checkout.Checkout;
import dev.holdfast.agent.checkout.CheckoutFailed;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.wire.agent.AgentApi;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A working tree as it was when a run began: what git sees, copied once, so that all jobs of the
 * run have the same files and none has the live tree. Links are copied as links. Thread-safe.
 *
 * @param directory with the copy
 * @param digest names its content where there is no commit yet
 */
public record Snapshot(Path directory, CommitId digest) implements Checkout {

  /**
   * Copies {@code files} from {@code root} to {@code directory}, which is made.
   *
   * @param files paths below the root; one that is gone is passed over, so are folders
   */
  public static Snapshot take(Path root, List<String> files, Path directory) throws IOException {
    Files.createDirectory(directory);
    MessageDigest sha = sha1();
    for (String file : files) {
      Path from = root.resolve(file).normalize();
      if (!from.startsWith(root) || throughLink(root, from)) {
        throw new IOException(Plain.of(file) + " is not below " + root);
      }
      copy(from, directory.resolve(root.relativize(from)), file, sha);
    }
    return new Snapshot(directory, new CommitId(HexFormat.of().formatHex(sha.digest())));
  }

  private static boolean throughLink(Path root, Path file) {
    for (Path up = file.getParent(); up != null && !up.equals(root); up = up.getParent()) {
      if (Files.isSymbolicLink(up)) {
        return true;
      }
    }
    return false;
  }

  private static void copy(Path from, Path to, String name, MessageDigest sha) throws IOException {
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(from, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      // Tracked, and deleted since: the run does not have it either.
      return;
    }
    if (attributes.isDirectory() || attributes.isOther()) {
      return;
    }
    Path parent = to.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    sha.update((name + "\0" + attributes.size() + "\0").getBytes(StandardCharsets.UTF_8));
    if (attributes.isSymbolicLink()) {
      Path target = Files.readSymbolicLink(from);
      sha.update(target.toString().getBytes(StandardCharsets.UTF_8));
      Files.createSymbolicLink(to, target);
      return;
    }
    try (InputStream in = Files.newInputStream(from, LinkOption.NOFOLLOW_LINKS);
        var out = Files.newOutputStream(to)) {
      byte[] buffer = new byte[64 * 1024];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        sha.update(buffer, 0, n);
        out.write(buffer, 0, n);
      }
    }
    // As git keeps them: executable or not, and nothing else of their rights.
    boolean executable =
        Files.getPosixFilePermissions(from).contains(PosixFilePermission.OWNER_EXECUTE);
    Files.setPosixFilePermissions(
        to, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
  }

  private static MessageDigest sha1() {
    try {
      // A commit's hash is one, too.
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void write(AgentApi.Source source, Path workspace)
      throws CheckoutFailed, InterruptedException {
    try {
      Files.walkFileTree(directory, new Copy(directory, workspace));
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw new CheckoutFailed("the working tree cannot be copied: " + e, false, e);
    }
  }

  private static final class Copy extends SimpleFileVisitor<Path> {
    private final Path from;
    private final Path to;

    Copy(Path from, Path to) {
      this.from = from;
      this.to = to;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
        throws IOException {
      if (!directory.equals(from)) {
        Files.createDirectory(to.resolve(from.relativize(directory)));
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      if (Thread.currentThread().isInterrupted()) {
        throw new IOException("interrupted");
      }
      Files.copy(
          file,
          to.resolve(from.relativize(file)),
          java.nio.file.StandardCopyOption.COPY_ATTRIBUTES,
          LinkOption.NOFOLLOW_LINKS);
      return FileVisitResult.CONTINUE;
    }
  }
}

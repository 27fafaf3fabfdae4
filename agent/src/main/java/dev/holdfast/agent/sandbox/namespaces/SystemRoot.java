package dev.holdfast.agent.sandbox.namespaces;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.model.digest.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The system that an operator names for jobs to see, in place of the host's. */
final class SystemRoot {
  private static final int PATIENCE_MINUTES = 10;

  private SystemRoot() {}

  /**
   * The directory itself, or that of the archive's content: unpacked once, by its digest, below the
   * agent's data.
   *
   * @param named a directory with {@code usr/} in it, or a tar archive of one, compressed or not
   * @throws IOException saying why it cannot be one, and the mend
   */
  static Path of(Path named, Path data) throws IOException {
    if (!Files.isRegularFile(named)) {
      return checked(named);
    }
    Path systems = Files.createDirectories(data.resolve("system"));
    Files.setPosixFilePermissions(systems, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path place = systems.resolve(digest(named));
    if (!Files.isDirectory(place)) {
      Path beside = Files.createTempDirectory(systems, "unpacking-");
      unpack(named, beside);
      Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString("rwxr-xr-x"));
      checked(beside);
      Files.move(beside, place, StandardCopyOption.ATOMIC_MOVE);
    }
    return checked(place);
  }

  /** Jobs may not change what the next one runs, and have to come to it. */
  private static Path checked(Path root) throws IOException {
    for (Path directory : new Path[] {root, root.resolve("usr")}) {
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(
            "the system "
                + root
                + " has no directory "
                + directory
                + "; name a directory that holds a system, with usr in it, or a tar archive of one");
      }
      int owner = (Integer) Files.getAttribute(directory, "unix:uid");
      Set<PosixFilePermission> may = Files.getPosixFilePermissions(directory);
      if ((owner != 0 && owner != HostUser.self().uid())
          || may.contains(PosixFilePermission.GROUP_WRITE)
          || may.contains(PosixFilePermission.OTHERS_WRITE)) {
        throw new IOException(
            "others may write to "
                + directory
                + ", and so decide what jobs run; chown root and chmod go-w it");
      }
    }
    for (Path up = root.toRealPath(); up != null; up = up.getParent()) {
      if (!Files.getPosixFilePermissions(up).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        throw new IOException(
            "the users of sandboxes may not pass "
                + up
                + "; chmod o+x it, or put the system elsewhere");
      }
    }
    return root.toRealPath();
  }

  private static String digest(Path archive) throws IOException {
    try (var in = new DigestInputStream(Files.newInputStream(archive), Sha256.start())) {
      in.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    }
  }

  /** GNU tar keeps names and links within the place that it unpacks to. */
  private static void unpack(Path archive, Path place) throws IOException {
    Process tar =
        new ProcessBuilder(
                "tar",
                "--extract",
                "--file=" + archive.toAbsolutePath(),
                "--directory=" + place,
                "--no-same-owner",
                "--no-same-permissions",
                "--anchored",
                "--exclude=dev/*",
                "--exclude=./dev/*")
            .redirectErrorStream(true)
            .start();
    byte[] said = tar.getInputStream().readNBytes(2000);
    tar.getInputStream().skip(Long.MAX_VALUE);
    try {
      if (!tar.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES) || tar.exitValue() != 0) {
        tar.destroyForcibly();
        throw new IOException(
            "cannot unpack the system "
                + archive
                + ": "
                + new String(said, StandardCharsets.UTF_8).strip());
      }
    } catch (InterruptedException e) {
      tar.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while unpacking " + archive, e);
    }
  }
}

package dev.holdfast.orchestrator.seal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Set;

/** A key in a file of its own, which nobody else may read. */
public final class KeyFile {
  private static final Set<PosixFilePermission> OWN =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private KeyFile() {}

  /** Makes the bytes of a new key. */
  public interface Maker {
    byte[] make() throws IOException;
  }

  /**
   * The key in {@code file}, which is made if it is not there.
   *
   * @throws IOException if others may read it, or it is not this user's; the message names the mend
   */
  public static byte[] open(Path file, Maker maker) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException("the key " + file + " cannot be at the root of the file system");
    }
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      // Beside, then renamed: half a key would lock everything that it seals.
      Path beside =
          Files.createTempFile(folder, "key", ".new", PosixFilePermissions.asFileAttribute(OWN));
      Files.write(beside, maker.make());
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    }
    mustBeClosed(file);
    if (!Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(folder))) {
      throw new IOException(
          "the key " + file + " is another user's than its folder; run: chown on it");
    }
    return Files.readAllBytes(file);
  }

  /**
   * Refuses what others may read.
   *
   * @throws IOException if they may, or it is no plain file; the message names the mend
   */
  public static void mustBeClosed(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("the secret " + file + " is not a plain file; put it itself there");
    }
    if (!OWN.containsAll(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS))) {
      throw new IOException("others may read the secret " + file + "; run: chmod 600 " + file);
    }
  }

  /** A maker of random keys. */
  public static Maker random(int bytes) {
    return () -> {
      byte[] key = new byte[bytes];
      new SecureRandom().nextBytes(key);
      return key;
    };
  }
}

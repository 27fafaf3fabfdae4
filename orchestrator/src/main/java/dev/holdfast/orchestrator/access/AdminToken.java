package dev.holdfast.orchestrator.access;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The first token, made when there is none. */
public final class AdminToken {
  /** Below the data folder, for the command line on the same host; mode 0600. */
  public static final String FILE = "admin-token";

  private AdminToken() {}

  /** Makes the admin token if none is in force; answers it, the one time that it is known. */
  public static Optional<String> ensure(Tokens tokens, Path data) {
    if (!tokens.list(Tokens.Kind.ADMIN).isEmpty()) {
      return Optional.empty();
    }
    String secret = tokens.secret(Tokens.Kind.ADMIN);
    Path file = data.resolve(FILE);
    try {
      // The file first: a token in force that nobody knows would lock everybody out.
      Path beside =
          Files.createTempFile(
              data,
              FILE,
              ".new",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(beside, secret + "\n");
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the admin token cannot be written to " + file + "; check the folder's rights", e);
    }
    tokens.keep(Tokens.Kind.ADMIN, "first", secret);
    return Optional.of(secret);
  }
}

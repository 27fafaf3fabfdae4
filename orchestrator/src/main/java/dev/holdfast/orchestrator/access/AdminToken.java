package dev.holdfast.orchestrator.access;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.access.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/** The first token, made when no owner has one. */
public final class AdminToken {
  /** Below the data folder, for the command line on the same host; mode 0600. */
  public static final String FILE = "admin-token";

  private AdminToken() {}

  /**
   * Makes a token for the first owner if no owner has one that is as good as they are; answers it,
   * the one time that it is known. Whoever can read the data folder can read the database too.
   */
  public static Optional<String> ensure(Access access, Path data) {
    Tokens tokens = access.tokens();
    var owners = access.directory().whoMay(Permission.MANAGE_OWNERS, Optional.empty());
    boolean someoneIsIn =
        tokens.list(Tokens.Kind.PERSON).stream()
            .anyMatch(token ->
                token.scope().equals(Scope.ALL)
                    && token.user().filter(owners::contains).isPresent());
    if (someoneIsIn) {
      return Optional.empty();
    }
    String secret = tokens.secret(Tokens.Kind.PERSON);
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
    Changes changes = tokens.changes();
    changes.itself(
        "token.first",
        (s, now) -> {
          // Ids are in the order of creation, so the least is the first owner's.
          String owner = now.whoMay(Permission.MANAGE_OWNERS, Optional.empty()).iterator().next();
          var token =
              new Tokens.Token(
                  changes.database().ids().next("tok"),
                  Tokens.Kind.PERSON,
                  "first",
                  Optional.of(owner),
                  Scope.ALL,
                  changes.clock().instant(),
                  Optional.empty());
          tokens.keep(s, token, secret);
          return Optional.of(
              new Changes.Done<>(
                  true, token.id(), List.of("for " + now.nameOf(owner) + ", shown once")));
        });
    return Optional.of(secret);
  }
}

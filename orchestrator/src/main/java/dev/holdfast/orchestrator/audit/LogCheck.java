package dev.holdfast.orchestrator.audit;

import dev.holdfast.model.audit.Checkpoint;
import dev.holdfast.model.audit.Verification;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.seal.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Optional;

/** Checks an installation's audit log, on its files, whether it runs or not. */
public final class LogCheck {
  private LogCheck() {}

  /**
   * What the log below {@code data} is found to be.
   *
   * @param checkpoints a copy that was kept elsewhere, which counts beside the installation's own
   * @param key the open half of the key as it was kept elsewhere; else the installation's own
   * @throws IOException if there is no log, or its files cannot be read: then nothing was checked
   */
  public static Verification.Result of(Path data, Optional<Path> checkpoints, Optional<Path> key)
      throws IOException {
    Path file = data.resolve(Database.FILE);
    if (!Files.isRegularFile(file)) {
      throw new IOException("there is no database " + file + "; name the server's data by --data");
    }
    PublicKey open = SigningKey.publicKey(key.orElse(data.resolve(Checkpoints.KEY)));
    var all = new ArrayList<Checkpoint>();
    // Read before the log: what is signed meanwhile is then in the log for sure.
    Path own = data.resolve(Checkpoints.FILE);
    if (Files.exists(own)) {
      all.addAll(Checkpoints.read(own));
    }
    if (checkpoints.isPresent()) {
      all.addAll(Checkpoints.read(checkpoints.get()));
    }
    var verification = new Verification(open, all);
    try {
      Database.look(
          file,
          session ->
              session.list(
                  "SELECT * FROM audit ORDER BY number",
                  row -> {
                    verification.next(AuditLog.kept(row));
                    return true;
                  }));
    } catch (SQLException e) {
      throw new IOException(
          "the audit log in " + file + " cannot be read: " + String.valueOf(e.getMessage()), e);
    }
    return verification.end();
  }
}

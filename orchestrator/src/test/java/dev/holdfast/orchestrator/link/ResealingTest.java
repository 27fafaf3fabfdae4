package dev.holdfast.orchestrator.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.seal.DataKeys;
import dev.holdfast.orchestrator.seal.Installation;
import dev.holdfast.orchestrator.seal.MasterKeys;
import dev.holdfast.orchestrator.seal.OldSealed;
import dev.holdfast.orchestrator.seal.Seal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An installation that an earlier release kept. */
class ResealingTest {
  @TempDir Path folder;

  @Test
  void whatAnEarlierReleaseSealedIsSealedAnewAtTheFirstStartAndNeedsItsKeyNoMore()
      throws Exception {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    Path keys = folder.resolve("keys");
    Files.createDirectories(
        keys, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path master = keys.resolve("master.key");
    Files.write(master, key);
    Files.setPosixFilePermissions(master, PosixFilePermissions.fromString("rw-------"));
    try (var database = Database.open(folder, Clock.systemUTC(), size -> {})) {
      database.write(s -> {
        s.update(
            "INSERT INTO repository (id, name, kind, location, next_number, created_at) VALUES"
                + " ('repo_1', 'app', 'REMOTE', 'https://x/app', 1, 0)");
        s.update(
            "INSERT INTO forge_link (repository_id, source, token, secret) VALUES ('repo_1',"
                + " 'there', ?, ?)",
            OldSealed.seal(key, "the-token", "forge_link/repo_1/token"),
            OldSealed.seal(key, "the-secret-of-the-webhook", "forge_link/repo_1/secret"));
        return s.update(
            "INSERT INTO forge_app (id, name, api, number, source, private_key, secret, added_at)"
                + " VALUES ('app_1', 'ours', 'https://api.x', 7, 'here', ?, ?, 0)",
            OldSealed.seal(key, "the-key", "forge_app/app_1/private_key"),
            OldSealed.seal(key, "the-secret-of-the-other-webhook", "forge_app/app_1/secret"));
      });
      var dataKeys =
          new DataKeys(
              database,
              MasterKeys.open(keys, Optional.empty(), Optional.empty()),
              Installation.of(folder),
              Clock.systemUTC());
      assertThat(Resealing.all(database, Seal.with(dataKeys, master))).isEqualTo(4);
      assertThat(Resealing.all(database, Seal.with(dataKeys, master))).isZero();
      // From now on with nothing that the old key itself sealed.
      Seal without = Seal.with(dataKeys, folder.resolve("none"));
      assertThat(sealed(database)).hasSize(4).allMatch(Seal::isNew);
      var links = new Links(database, without, new Apps(database, without));
      assertThat(links.at("there")).containsInstanceOf(Links.Source.OfRepository.class);
      assertThat(links.at("here")).containsInstanceOf(Links.Source.OfApp.class);
      assertThat(without.open(sealed(database).getFirst(), "forge_link/repo_1/token"))
          .isEqualTo("the-token");
    }
  }

  private static List<String> sealed(Database database) {
    return database.read(s ->
        s.list(
            "SELECT token AS t FROM forge_link UNION ALL SELECT secret FROM forge_link UNION ALL"
                + " SELECT private_key FROM forge_app UNION ALL SELECT secret FROM forge_app",
            row -> row.text("t")));
  }
}

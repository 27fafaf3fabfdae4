package dev.holdfast.orchestrator.secret;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.orchestrator.db.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Somebody writes the database. Each test has its control: the row as it was is given, and another
 * one beside the changed one is.
 */
class TamperedSecretTest {
  private static final String ONE = "first-Canary-7f3a9c";
  private static final String TWO = "second-Canary-b81d04";

  @TempDir Path folder;
  private SecretWorld world;

  @BeforeEach
  void twoSecrets() throws Exception {
    world = new SecretWorld(folder.resolve("one"));
    world.set(SecretWorld.APP, "ONE", ONE);
    world.set(SecretWorld.APP, "TWO", TWO);
    assertThat(world.given("ONE")).isEqualTo(ONE);
    assertThat(world.given("TWO")).isEqualTo(TWO);
  }

  @AfterEach
  void end() {
    world.close();
  }

  /** Nothing at all is given, also not what is whole, and it is on record why. */
  private void refused(String name, String... why) {
    String attempt = world.attempt();
    String other = name.equals("ONE") ? "TWO" : "ONE";
    SecretDelivery.Answer answer = world.resolve(attempt, name, other);
    assertThat(answer).isInstanceOf(SecretDelivery.Answer.Refused.class);
    assertThat(SecretWorld.told(answer)).startsWith("refused: " + name).contains(why);
    assertThat(SecretWorld.told(answer)).doesNotContain(ONE).doesNotContain(TWO);
    assertThat(world.onRecord(attempt)).hasSize(1);
    assertThat(world.onRecord(attempt).getFirst())
        .startsWith("secret.resolve REFUSED")
        .contains(why);
    assertThat(given(attempt)).isZero();
  }

  private long given(String attempt) {
    return world.database.read(s ->
        s.first(
                "SELECT count(*) AS n FROM secret_given WHERE attempt_id = ?",
                row -> row.number("n"),
                attempt)
            .orElse(-1L));
  }

  private static String sealedOf(String name, long version) {
    return "(SELECT sealed FROM secret_version v JOIN secret s ON s.id = v.secret_id WHERE s.name ="
        + " '"
        + name
        + "' AND s.scope = 'repository/repo_1' AND v.version = "
        + version
        + ")";
  }

  private void put(String name, String sealed) throws Exception {
    assertThat(
            world.sql(
                "UPDATE secret_version SET sealed = "
                    + sealed
                    + " WHERE version = (SELECT version FROM secret WHERE name = '"
                    + name
                    + "' AND scope = 'repository/repo_1') AND secret_id = (SELECT id FROM secret"
                    + " WHERE name = '"
                    + name
                    + "' AND scope = 'repository/repo_1')"))
        .isEqualTo(1);
  }

  @Test
  void aRowSwappedForAnotherSecretsIsRefused() throws Exception {
    put("ONE", sealedOf("TWO", 1));
    refused("ONE", "was changed, or is not of that place");
    assertThat(world.given("TWO")).isEqualTo(TWO);
  }

  @Test
  void anOlderVersionPutInTheNewestsPlaceIsRefused() throws Exception {
    world.set(SecretWorld.APP, "ONE", "newer-Canary-55c2ee");
    assertThat(world.given("ONE")).isEqualTo("newer-Canary-55c2ee");
    put("ONE", sealedOf("ONE", 1));
    refused("ONE", "version 2", "was changed, or is not of that place");
    assertThat(world.given("TWO")).isEqualTo(TWO);
  }

  @Test
  void aSecretRenamedIsRefused() throws Exception {
    world.sql("UPDATE secret SET name = 'THREE' WHERE name = 'ONE'");
    String attempt = world.attempt();
    assertThat(SecretWorld.told(world.resolve(attempt, "THREE")))
        .startsWith("refused: THREE")
        .contains("was changed, or is not of that place");
    assertThat(world.given("TWO")).isEqualTo(TWO);
  }

  @Test
  void aSecretMovedToAnotherRepositoryIsRefused() throws Exception {
    world.set(SecretWorld.OTHER, "OWN", "own-Canary-3bd9f2");
    world.sql("UPDATE secret SET scope = 'repository/repo_2' WHERE name = 'ONE'");
    String attempt = world.attempt("repo_2");
    assertThat(SecretWorld.told(world.resolve(attempt, "ONE")))
        .startsWith("refused: ONE")
        .contains("its data key is that of repository/repo_1");
    assertThat(SecretWorld.told(world.resolve(world.attempt("repo_2"), "OWN")))
        .isEqualTo("own-Canary-3bd9f2");
  }

  @Test
  void aSecretMovedTogetherWithItsDataKeyIsRefused() throws Exception {
    world.sql("UPDATE secret SET scope = 'repository/repo_2' WHERE name = 'ONE'");
    world.sql("UPDATE data_key SET scope = 'repository/repo_2'");
    String attempt = world.attempt("repo_2");
    assertThat(SecretWorld.told(world.resolve(attempt, "ONE"))).startsWith("refused: ONE");
    world.keys.close(); // forgets what it unwrapped: the same is so for a server that just started
    assertThat(SecretWorld.told(world.resolve(world.attempt("repo_2"), "ONE")))
        .contains("the data key")
        .contains("was changed, or is not of that place");
    world.sql("UPDATE secret SET scope = 'repository/repo_1' WHERE name = 'ONE'");
    world.sql("UPDATE data_key SET scope = 'repository/repo_1'");
    assertThat(world.given("ONE")).isEqualTo(ONE);
  }

  @Test
  void aValueCutShortOrWithAnyBitTurnedIsRefused() throws Exception {
    String whole =
        world.database.read(s ->
            s.first(
                    "SELECT sealed FROM secret_version ORDER BY secret_id LIMIT 1",
                    row -> row.text("sealed"))
                .orElseThrow());
    int data = whole.lastIndexOf('.') + 1;
    for (int cut : new int[] {0, 1, data - 1, data, data + 4, data + 16, whole.length() - 4}) {
      put("ONE", "'" + whole.substring(0, cut) + "'");
      refused("ONE", "was changed, or is not of that place");
    }
    for (int at = data; at < whole.length() - 2; at += 3) {
      char turned = whole.charAt(at) == 'A' ? 'B' : 'A';
      put("ONE", "'" + whole.substring(0, at) + turned + whole.substring(at + 1) + "'");
      refused("ONE", "was changed, or is not of that place");
    }
    put("ONE", "'" + whole + "'");
    assertThat(world.given("ONE")).isEqualTo(ONE);
  }

  @Test
  void aRowOfAnotherInstallationIsRefusedEvenUnderTheSameMasterKey() throws Exception {
    Path two = folder.resolve("two");
    Files.createDirectories(two.resolve("keys"));
    Files.setPosixFilePermissions(
        two.resolve("keys"), java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    Files.copy(
        folder.resolve("one/keys/master.key"),
        two.resolve("keys/master.key"),
        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    try (var another = new SecretWorld(two)) {
      another.set(SecretWorld.APP, "ONE", "Of-the-other-e94b11");
      assertThat(another.given("ONE")).isEqualTo("Of-the-other-e94b11");
    }
    // All of it comes over: the row, its data key, and everything else that the database has.
    copy(two.resolve(Database.FILE));
    world.keys.close();
    refused("ONE", "the data key", "was changed, or is not of that place");
    // The control: with the other's file about which installation it is, the very same rows open.
    // (That file is not in the database, so who writes the database does not have it.)
    world.close();
    Files.copy(
        two.resolve("keys/installation.id"),
        folder.resolve("one/keys/installation.id"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING,
        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    world = new SecretWorld(folder.resolve("one"));
    assertThat(world.given("ONE")).isEqualTo("Of-the-other-e94b11");
  }

  private void copy(Path from) throws Exception {
    String url = "jdbc:sqlite:" + folder.resolve("one/" + Database.FILE) + "?busy_timeout=10000";
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement()) {
      statement.execute("ATTACH '" + from + "' AS other");
      statement.executeUpdate(
          "UPDATE secret_version SET sealed = (SELECT v.sealed FROM other.secret_version v) WHERE"
              + " secret_id = (SELECT id FROM secret WHERE name = 'ONE')");
      statement.executeUpdate("UPDATE data_key SET retired_at = 1");
      statement.executeUpdate("INSERT INTO data_key SELECT * FROM other.data_key");
    }
  }

  @Test
  void aReferenceIntoAVaultThatSomebodyWroteIntoTheDatabaseIsRefused() throws Exception {
    put("ONE", "'{\"vault\":\"main\",\"mount\":\"secret\",\"path\":\"root\",\"field\":\"x\"}'");
    world.sql("UPDATE secret_version SET source = 'vault'");
    refused("ONE", "was changed, or is not of that place");
  }
}

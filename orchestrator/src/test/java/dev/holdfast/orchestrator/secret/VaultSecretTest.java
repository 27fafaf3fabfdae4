package dev.holdfast.orchestrator.secret;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.orchestrator.vault.VaultDouble;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Vault (a double of one) wraps the data keys and has the values. */
class VaultSecretTest {
  @TempDir Path folder;
  private VaultDouble vault;
  private SecretWorld world;

  @BeforeEach
  void begin() throws Exception {
    vault = new VaultDouble();
    write(folder.resolve("vault.token"), VaultDouble.TOKEN, "rw-------");
    write(
        folder.resolve("keys.json"),
        """
        {"master-keys": [{"name": "transit", "from":
            {"type": "transit", "vault": "main", "key": "holdfast"}}],
         "vaults": [{"name": "main", "address": "%s", "token-file": "vault.token",
                     "timeout": 2000}]}
        """
            .formatted(vault.address()),
        "rw-r--r--");
    world = new SecretWorld(folder.resolve("data"), Optional.of(folder.resolve("keys.json")));
  }

  private static void write(Path file, String text, String rights) throws Exception {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
  }

  @AfterEach
  void end() {
    world.close();
    vault.close();
  }

  private void refer() {
    world.secrets.refer(
        SecretWorld.APP,
        new SecretName("DB"),
        new VaultReference(new Name("main"), "kv", "team/app", "password"),
        "usr_1",
        SecretWorld.NOTHING);
  }

  @Test
  void dataKeysAreWrappedByTheVaultAndNoKeyIsOnThisHost() throws Exception {
    world.set(SecretWorld.APP, "ONE", "first-Canary-7f3a9c");
    assertThat(world.given("ONE")).isEqualTo("first-Canary-7f3a9c");
    assertThat(vault.asked).contains("POST /v1/transit/encrypt/holdfast");
    assertThat(vault.bodies).noneMatch(body -> body.contains("Canary"));
    assertThat(folder.resolve("data/keys/master.key")).doesNotExist();
  }

  @Test
  void whileTheVaultIsAwayNothingIsGivenAndAfterwardsAllIs() throws Exception {
    world.set(SecretWorld.APP, "ONE", "first-Canary-7f3a9c");
    world.keys.close(); // as a server that has just started
    vault.status = 503;
    String attempt = world.attempt();
    assertThat(SecretWorld.told(world.resolve(attempt, "ONE")))
        .startsWith("refused for now: ONE version 1")
        .contains("the master key transit cannot be used now");
    assertThat(world.onRecord(attempt)).singleElement().asString().contains("REFUSED");
    vault.status = 0;
    assertThat(SecretWorld.told(world.resolve(attempt, "ONE"))).isEqualTo("first-Canary-7f3a9c");
  }

  @Test
  void aVaultThatForgetsAboutAssociatedDataIsFoundOut() throws Exception {
    vault.forgetful = true;
    world.set(SecretWorld.APP, "ONE", "first-Canary-7f3a9c");
    world.set(SecretWorld.OTHER, "ONE", "their-Canary-91ab");
    assertThat(world.given("ONE")).isEqualTo("first-Canary-7f3a9c");
    world.sql(
        "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE scope ="
            + " 'repository/repo_2') WHERE scope = 'repository/repo_1'");
    assertThat(world.given("ONE")).startsWith("refused: ONE").contains("it is not of that place");
  }

  @Test
  void aValueInAVaultIsReadWhenItIsGivenAndStandsNowhereHere() throws Exception {
    refer();
    vault.secrets.put("kv/team/app", Map.of("password", "Of-the-vault-Canary-1"));
    assertThat(world.given("DB")).isEqualTo("Of-the-vault-Canary-1");
    vault.secrets.put("kv/team/app", Map.of("password", "Of-the-vault-Canary-2"));
    assertThat(world.given("DB")).isEqualTo("Of-the-vault-Canary-2");
  }

  @Test
  void aVaultThatFailsGivesNothingAtAllAndItIsOnRecord() throws Exception {
    refer();
    world.set(SecretWorld.APP, "ONE", "first-Canary-7f3a9c");
    vault.secrets.put("kv/team/app", Map.of("password", "Of-the-vault-Canary-1"));
    assertThat(world.given("DB")).isEqualTo("Of-the-vault-Canary-1");
    for (int status : new int[] {500, 503, 403, 404, 429}) {
      vault.status = status;
      String attempt = world.attempt();
      // ONE is here and could be given: it is all or nothing.
      assertThat(SecretWorld.told(world.resolve(attempt, "ONE", "DB")))
          .matches(
              "refused( for now)?: DB version 1 of repository/repo_1 is not given: the vault.*");
      assertThat(world.onRecord(attempt)).singleElement().asString().contains("REFUSED");
    }
    vault.status = 0;
    vault.secrets.put("kv/team/app", Map.of("password", "short"));
    assertThat(world.given("DB")).contains("what the vault has is no secret");
    vault.secrets.put("kv/team/app", Map.of("user", "x"));
    assertThat(world.given("DB")).contains("has no text in the field");
    Files.setPosixFilePermissions(
        folder.resolve("vault.token"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(world.given("DB")).contains("others may read the secret").contains("chmod 600");
  }
}

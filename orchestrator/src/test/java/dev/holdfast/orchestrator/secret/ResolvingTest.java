package dev.holdfast.orchestrator.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.secret.SecretName;
import dev.holdfast.orchestrator.db.StoreUnavailable;
import dev.holdfast.orchestrator.seal.Seal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which secrets an attempt is given, and what is on record of it. */
class ResolvingTest {
  private static final SecretScope.OfEnvironment PROD =
      new SecretScope.OfEnvironment(SecretWorld.APP, "production");
  private static final SecretScope.OfEnvironment ACME_PROD =
      new SecretScope.OfEnvironment(SecretWorld.ACME, "production");
  private static final SecretScope.OfEnvironment STAGING =
      new SecretScope.OfEnvironment(SecretWorld.APP, "staging");

  @TempDir Path folder;
  private SecretWorld world;

  @BeforeEach
  void begin() throws Exception {
    world = new SecretWorld(folder);
  }

  @AfterEach
  void end() {
    world.close();
  }

  private void may(boolean trusted, SecretScope.OfEnvironment... environments) {
    world.may = new Entitled.Entitlement(Optional.empty(), trusted, List.of(environments));
  }

  @Test
  void theNarrowerScopeWins() {
    may(true, STAGING, ACME_PROD, PROD);
    world.set(SecretWorld.ACME, "TOKEN", "Of-the-organisation");
    assertThat(world.given("TOKEN")).isEqualTo("Of-the-organisation");
    world.set(SecretWorld.APP, "TOKEN", "Of-the-repository");
    assertThat(world.given("TOKEN")).isEqualTo("Of-the-repository");
    world.set(ACME_PROD, "TOKEN", "Of-the-organisations-environment");
    assertThat(world.given("TOKEN")).isEqualTo("Of-the-organisations-environment");
    world.set(PROD, "TOKEN", "Of-the-repositorys-environment");
    assertThat(world.given("TOKEN")).isEqualTo("Of-the-repositorys-environment");
    // Of two environments the later one of the job's list wins.
    world.set(STAGING, "TOKEN", "Of-staging-x");
    assertThat(world.given("TOKEN")).isEqualTo("Of-the-repositorys-environment");
    may(true, ACME_PROD, PROD, STAGING);
    assertThat(world.given("TOKEN")).isEqualTo("Of-staging-x");
    // What is removed lets the wider one through again.
    world.secrets.remove(STAGING, new SecretName("TOKEN"), "usr_1", SecretWorld.NOTHING);
    assertThat(world.given("TOKEN")).isEqualTo("Of-the-repositorys-environment");
  }

  @Test
  void anEnvironmentThatWasNotGrantedGivesNothing() {
    may(true);
    world.set(PROD, "TOKEN", "Of-production-c03d");
    assertThat(world.given("TOKEN")).startsWith("withheld: none of this name is set");
    may(true, STAGING);
    assertThat(world.given("TOKEN")).startsWith("withheld");
    may(true, ACME_PROD);
    assertThat(world.given("TOKEN"))
        .as("the organisation's of the same name")
        .startsWith("withheld");
    may(true, new SecretScope.OfEnvironment(SecretWorld.OTHER, "production"));
    world.set(
        new SecretScope.OfEnvironment(SecretWorld.OTHER, "production"), "TOKEN", "Of-others-1f");
    assertThat(world.given("TOKEN")).as("another repository's").startsWith("withheld");
    may(true, PROD);
    assertThat(world.given("TOKEN")).isEqualTo("Of-production-c03d");
  }

  @Test
  void codeThatIsNotTrustedGetsNothingButOfAnEnvironmentThatItWasGranted() {
    world.set(SecretWorld.APP, "OWN", "Of-the-repository");
    world.set(SecretWorld.ACME, "WIDE", "Of-the-organisation");
    world.set(PROD, "DEPLOY", "Of-production-c03d");
    may(false);
    for (String name : List.of("OWN", "WIDE", "DEPLOY")) {
      String attempt = world.attempt();
      assertThat(SecretWorld.told(world.resolve(attempt, name)))
          .isEqualTo(
              "withheld: its code is not trusted, and nobody granted it an environment for that"
                  + " commit; have the job name the environment that has it, and somebody release"
                  + " the job");
      assertThat(world.onRecord(attempt))
          .singleElement()
          .asString()
          .startsWith("secret.resolve REFUSED")
          .contains("withheld " + name);
    }
    may(false, PROD);
    assertThat(world.given("OWN")).startsWith("withheld");
    assertThat(world.given("WIDE")).startsWith("withheld");
    assertThat(world.given("DEPLOY")).isEqualTo("Of-production-c03d");
    // The control: the same, trusted.
    may(true);
    assertThat(world.given("OWN")).isEqualTo("Of-the-repository");
    assertThat(world.given("WIDE")).isEqualTo("Of-the-organisation");
  }

  @Test
  void aClearanceWithoutSecretsGivesNoneWhateverElseHolds() {
    world.set(SecretWorld.APP, "OWN", "Of-the-repository");
    world.may =
        new Entitled.Entitlement(
            Optional.of("it runs at once, without secrets"), true, List.of(PROD));
    assertThat(world.given("OWN")).isEqualTo("withheld: it runs at once, without secrets");
    may(true);
    assertThat(world.given("OWN")).isEqualTo("Of-the-repository");
  }

  @Test
  void onlyWhatIsDeclaredIsGivenAndOtherRepositoriesGiveNothing() {
    world.set(SecretWorld.APP, "ONE", "first-Canary-7f3a9c");
    world.set(SecretWorld.APP, "TWO", "second-Canary-b81d04");
    world.set(SecretWorld.OTHER, "THEIRS", "their-Canary-91ab");
    String attempt = world.attempt();
    var answer = (SecretDelivery.Answer.Resolved) world.resolve(attempt, "ONE", "THEIRS");
    assertThat(answer.given()).hasSize(1);
    assertThat(answer.given().getFirst().toString())
        .isEqualTo("ONE version 1 of repository/repo_1");
    assertThat(answer.withheld()).extracting(w -> w.name().value()).containsExactly("THEIRS");
    assertThat(world.onRecord(attempt))
        .singleElement()
        .asString()
        .contains("given ONE version 1 of repository/repo_1", "withheld THEIRS", "agt_1", "deploy")
        .doesNotContain("Canary");
  }

  @Test
  void anAttemptThatIsOverOrSomebodyElsesIsRefused() throws Exception {
    world.set(SecretWorld.APP, "ONE", "first-Canary-7f3a9c");
    String attempt = world.attempt();
    var names = SecretWorld.names("ONE");
    assertThat(
            List.of(
                world.resolving.resolve(new SecretDelivery.Ask("agt_2", attempt, 1, names)),
                world.resolving.resolve(new SecretDelivery.Ask("agt_1", attempt, 2, names)),
                world.resolving.resolve(new SecretDelivery.Ask("agt_1", "att_none", 1, names))))
        .allSatisfy(answer ->
            assertThat(SecretWorld.told(answer)).startsWith("refused: the attempt is over"));
    assertThat(SecretWorld.told(world.resolve(attempt, "ONE"))).isEqualTo("first-Canary-7f3a9c");
    world.sql("UPDATE attempt SET state = 'LOST' WHERE id = '" + attempt + "'");
    assertThat(SecretWorld.told(world.resolve(attempt, "ONE")))
        .startsWith("refused: the attempt is over");
  }

  @Test
  void whatCannotBeRecordedIsNotGiven() throws Exception {
    world.set(SecretWorld.APP, "ONE", "first-Canary-7f3a9c");
    String attempt = world.attempt();
    world.sql(
        "CREATE TRIGGER full BEFORE INSERT ON audit WHEN NEW.action = 'secret.resolve' BEGIN SELECT"
            + " RAISE(ABORT, 'no more'); END");
    assertThatThrownBy(() -> world.resolve(attempt, "ONE"))
        .isInstanceOfAny(StoreUnavailable.class, IllegalStateException.class);
    assertThat(world.seenBy.of(SecretWorld.APP, new SecretName("ONE"), Optional.empty(), 10))
        .isEmpty();
    world.sql("DROP TRIGGER full");
    assertThat(SecretWorld.told(world.resolve(attempt, "ONE"))).isEqualTo("first-Canary-7f3a9c");
  }

  @Test
  void anAgentThatAsksOnAndOnIsRefusedAndDoesNotFillTheLog() {
    world.set(SecretWorld.APP, "ONE", "first-Canary-7f3a9c");
    String attempt = world.attempt();
    for (int i = 0; i < 20; i++) {
      assertThat(SecretWorld.told(world.resolve(attempt, "ONE"))).isEqualTo("first-Canary-7f3a9c");
    }
    for (int i = 0; i < 30; i++) {
      assertThat(SecretWorld.told(world.resolve(attempt, "ONE")))
          .startsWith("refused: its agent asked 20 times");
    }
    assertThat(world.onRecord(attempt)).hasSize(21);
  }

  @Test
  void seenByTellsEachRunJobAndStepByVersion() {
    world.set(SecretWorld.APP, "ONE", "first-Canary-7f3a9c");
    String first = world.attempt();
    world.resolve(first, "ONE");
    handed(first, 0, "ONE");
    handed(first, 2, "ONE");
    handed(first, 2, "ONE");
    world.set(SecretWorld.APP, "ONE", "newer-Canary-55c2ee");
    String second = world.attempt();
    world.resolve(second, "ONE");
    handed(second, 1, "NEVER");
    var name = new SecretName("ONE");
    var all = world.seenBy.of(SecretWorld.APP, name, Optional.empty(), 10);
    assertThat(all)
        .extracting(SeenBy.Sight::attempt, SeenBy.Sight::version, SeenBy.Sight::steps)
        .containsExactlyInAnyOrder(
            org.assertj.core.api.Assertions.tuple(first, 1L, List.of(0L, 2L)),
            org.assertj.core.api.Assertions.tuple(second, 2L, List.of()));
    assertThat(all.getFirst().repository()).isEqualTo("app1");
    assertThat(world.seenBy.of(SecretWorld.APP, name, Optional.of(1L), 10)).hasSize(1);
    assertThat(world.onRecord(first).stream().filter(line -> line.startsWith("secret.deliver")))
        .hasSize(2)
        .allMatch(line -> line.contains("DONE"));
    assertThat(world.onRecord(second))
        .anyMatch(
            line -> line.startsWith("secret.deliver REFUSED") && line.contains("was never given"));
    // What was given stays known when the secret is gone.
    world.secrets.remove(SecretWorld.APP, name, "usr_1", SecretWorld.NOTHING);
    world.secrets.purge(SecretWorld.APP, name, Optional.empty(), "usr_1", SecretWorld.NOTHING);
    assertThat(world.seenBy.of(SecretWorld.APP, name, Optional.empty(), 10)).hasSize(2);
  }

  private void handed(String attempt, int step, String name) {
    world.database.write(s -> {
      world.resolving.handed(s, attempt, step, SecretWorld.names(name), Instant.EPOCH);
      return true;
    });
  }

  @Test
  void everyVersionStaysUntilItIsPurgedAndComesBackByARollback() {
    var name = new SecretName("ONE");
    for (int i = 1; i <= 3; i++) {
      assertThat(world.set(SecretWorld.APP, "ONE", "Canary-of-version-" + i)).isEqualTo(i);
    }
    assertThat(world.secrets.versions(SecretWorld.APP, name))
        .extracting(Secrets.Version::version)
        .containsExactly(3L, 2L, 1L);
    assertThat(world.secrets.rollback(SecretWorld.APP, name, 1, "usr_2", SecretWorld.NOTHING))
        .isEqualTo(4);
    assertThat(world.given("ONE")).isEqualTo("Canary-of-version-1");
    assertThat(
            world.secrets.purge(
                SecretWorld.APP, name, Optional.empty(), "usr_3", SecretWorld.NOTHING))
        .containsExactlyInAnyOrder(1L, 2L, 3L);
    assertThat(world.given("ONE")).isEqualTo("Canary-of-version-1");
    assertThatThrownBy(
            () -> world.secrets.rollback(SecretWorld.APP, name, 2, "usr_2", SecretWorld.NOTHING))
        .isInstanceOf(SecretRefused.class)
        .hasMessageContaining("was purged");
    assertThat(world.secrets.versions(SecretWorld.APP, name))
        .filteredOn(one -> one.version() < 4)
        .allMatch(one -> one.purgedBy().equals(Optional.of("usr_3")) && one.by().equals("usr_1"));
    world.secrets.remove(SecretWorld.APP, name, "usr_1", SecretWorld.NOTHING);
    assertThat(world.given("ONE")).startsWith("withheld");
    // A number is never given twice, or an old record would tell of another value.
    assertThat(world.set(SecretWorld.APP, "ONE", "Canary-of-version-5")).isEqualTo(5);
  }

  @Test
  void whatCouldNotBeMaskedOrIsTooLargeIsRefusedWithTheReasonAndNothingOfItsBatchIsSet() {
    for (String value : List.of("", "short", "password", "aaaaaaaaaaaaaaaa")) {
      assertThatThrownBy(() -> world.set(SecretWorld.APP, "ONE", value))
          .isInstanceOf(SecretRefused.class)
          .hasMessageStartingWith("the value of ONE cannot be a secret: ");
    }
    assertThatThrownBy(() -> world.set(SecretWorld.APP, "ONE", random(65540)))
        .isInstanceOf(SecretRefused.class)
        .hasMessageContaining("over 64 KiB");
    var two = new java.util.TreeMap<SecretName, byte[]>();
    two.put(new SecretName("GOOD"), "a-good-Canary-11".getBytes(StandardCharsets.UTF_8));
    two.put(new SecretName("SHORT"), "x".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> world.secrets.set(SecretWorld.APP, two, "usr_1", SecretWorld.NOTHING))
        .isInstanceOf(SecretRefused.class);
    assertThat(world.secrets.list(SecretWorld.APP)).isEmpty();
    assertThat(two.values()).allSatisfy(value -> assertThat(value).containsOnly((byte) 0));
    assertThat(world.set(SecretWorld.APP, "ONE", random(65530))).isEqualTo(1);
  }

  private static String random(int length) {
    byte[] bytes = new byte[length / 2];
    new Random(7).nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void secretOutputsOpenOnlyWhereTheyWereSealed() {
    var outputs = new SealedOutputs(world.keys);
    var place = new SecretOutputs.Place("repo_1", "run_1", "build", "att_1", "token");
    byte[] value = "an-output-Canary-8d".getBytes(StandardCharsets.UTF_8);
    String sealed = outputs.seal(place, value);
    assertThat(sealed).doesNotContain("Canary");
    assertThat(outputs.open(place, sealed)).isEqualTo(value);
    for (var other :
        List.of(
            new SecretOutputs.Place("repo_1", "run_1", "build", "att_2", "token"),
            new SecretOutputs.Place("repo_1", "run_1", "build", "att_1", "other"),
            new SecretOutputs.Place("repo_1", "run_1", "other", "att_1", "token"),
            new SecretOutputs.Place("repo_1", "run_2", "build", "att_1", "token"),
            new SecretOutputs.Place("repo_2", "run_1", "build", "att_1", "token"))) {
      assertThatThrownBy(() -> outputs.open(other, sealed)).isInstanceOf(Seal.Broken.class);
    }
  }

  @Test
  void whatIsPrintedOfASecretIsNeverItsValue() {
    world.set(SecretWorld.APP, "ONE", "first-Canary-7f3a9c");
    var answer = (SecretDelivery.Answer.Resolved) world.resolve(world.attempt(), "ONE");
    Secret secret = answer.given().getFirst();
    assertThat(answer.toString() + secret).doesNotContain("Canary").contains("ONE version 1");
    assertThat(new String(secret.value(), StandardCharsets.UTF_8)).contains("Canary");
    secret.close();
    assertThat(secret.value()).containsOnly((byte) 0);
  }
}

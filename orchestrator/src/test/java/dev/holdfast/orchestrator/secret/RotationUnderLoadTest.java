package dev.holdfast.orchestrator.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.orchestrator.seal.KeysUnavailable;
import dev.holdfast.orchestrator.seal.MasterRotation;
import dev.holdfast.orchestrator.seal.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The master key changes while secrets are resolved and set. */
class RotationUnderLoadTest {
  private static final int SCOPES = 200;
  private static final int A_SECOND = 50;
  private static final int SECONDS = 6;

  @TempDir Path folder;
  private SecretWorld world;
  private MasterRotation rotation;

  @BeforeEach
  void begin() throws Exception {
    world = new SecretWorld(folder);
    rotation = rotation(world);
    world.set(SecretWorld.APP, "ONE", "first-Canary-7f3a9c");
    world.set(SecretWorld.ACME, "TWO", "second-Canary-b81d04");
    for (int i = 0; i < SCOPES; i++) {
      world.keys.seal("scope/" + i, Place.of("p"), new byte[] {(byte) i});
    }
  }

  static MasterRotation rotation(SecretWorld world) {
    return new MasterRotation(
        world.database,
        world.masters,
        world.keys,
        Clock.systemUTC(),
        (session, actor, action, subject, reasons) -> {});
  }

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void fiftyJobsASecondResolveSecretsMeanwhileAndNoneFails() throws Exception {
    Queue<String> wrong = new ConcurrentLinkedQueue<>();
    var done = new AtomicInteger();
    var rotations = new AtomicInteger();
    try (var clock = Executors.newScheduledThreadPool(8);
        var rotating = Executors.newSingleThreadExecutor()) {
      for (int i = 0; i < A_SECOND * SECONDS; i++) {
        int number = i;
        var _ =
            clock.schedule(
                () -> {
                  try {
                    String attempt = world.attempt();
                    var answer = world.resolve(attempt, "ONE", "TWO");
                    if (!(answer instanceof SecretDelivery.Answer.Resolved(var given, var none)
                        && given.size() == 2
                        && none.isEmpty()
                        && new String(
                                given.getFirst().value(), java.nio.charset.StandardCharsets.UTF_8)
                            .equals("first-Canary-7f3a9c"))) {
                      wrong.add(SecretWorld.told(answer));
                    }
                    // And what has no data key yet gets one, whichever master key is current.
                    if (number % 10 == 0) {
                      world.set(
                          new SecretScope.OfEnvironment(SecretWorld.APP, "review/" + number),
                          "NEW",
                          "new-Canary-" + number);
                    }
                    done.incrementAndGet();
                  } catch (RuntimeException e) {
                    wrong.add(e.toString());
                  }
                },
                i * 1000L / A_SECOND,
                TimeUnit.MILLISECONDS);
      }
      var turning =
          rotating.submit(() -> {
            while (done.get() + wrong.size() < A_SECOND * SECONDS) {
              rotation.begin("usr_1");
              rotation.sweep();
              rotations.incrementAndGet();
            }
            return true;
          });
      turning.get(120, TimeUnit.SECONDS);
    }
    assertThat(wrong).isEmpty();
    assertThat(done).hasValue(A_SECOND * SECONDS);
    assertThat(rotations.get()).isGreaterThanOrEqualTo(2);
    rotation.sweep();
    assertThat(rotation.left()).isZero();
    assertThat(rotation.masters().stream().filter(MasterRotation.Master::mayGo).count())
        .as("all but the current one may go")
        .isEqualTo(rotation.masters().size() - 1L);
  }

  @Test
  void theOldKeyIsNeededUntilItIsOverAndMayGoAfterwards() throws Exception {
    MasterRotation.Rotation begun = rotation.begin("usr_1");
    assertThat(begun.master()).isEqualTo("master-2");
    assertThat(rotation.left()).isEqualTo(SCOPES + 2L);
    assertThat(mayGo()).isEmpty();
    assertThat(rotation.begin("usr_2").number()).as("one at a time").isEqualTo(begun.number());
    // The control: with the old key gone too early, what it wrapped is not given.
    Path old = folder.resolve("keys/master.key");
    Path aside = folder.resolve("aside.key");
    world.close();
    Files.move(old, aside);
    world = new SecretWorld(folder);
    rotation = rotation(world);
    assertThat(world.given("ONE"))
        .startsWith("refused for now: ONE")
        .contains("the master key master is not here; restore " + old);
    assertThatThrownBy(rotation::sweep).isInstanceOf(KeysUnavailable.class);
    world.close();
    Files.move(aside, old);
    world = new SecretWorld(folder);
    rotation = rotation(world);
    rotation.sweep();
    assertThat(rotation.newest().orElseThrow().finished()).isPresent();
    assertThat(mayGo()).containsExactly("master");
    world.close();
    Files.delete(old);
    world = new SecretWorld(folder);
    assertThat(world.given("ONE")).isEqualTo("first-Canary-7f3a9c");
    assertThat(world.given("TWO")).isEqualTo("second-Canary-b81d04");
    assertThat(world.keys.seal("scope/new", Place.of("p"), new byte[] {1})).isNotEmpty();
  }

  private List<String> mayGo() {
    return rotation.masters().stream()
        .filter(MasterRotation.Master::mayGo)
        .map(MasterRotation.Master::name)
        .toList();
  }

  @Test
  void aDataKeyThatSomebodyChangedIsNamedAndTheOthersAreWrappedAnew() throws Exception {
    world.sql(
        "UPDATE data_key SET wrapped = replace(wrapped, 'local:', 'local:0') WHERE scope ="
            + " 'scope/7'");
    rotation.begin("usr_1");
    rotation.sweep();
    assertThat(rotation.left()).isEqualTo(1);
    assertThat(rotation.problem()).contains("scope/7");
    assertThat(rotation.newest().orElseThrow().finished()).isEmpty();
    assertThat(world.given("ONE")).isEqualTo("first-Canary-7f3a9c");
    world.sql(
        "UPDATE data_key SET wrapped = replace(wrapped, 'local:0', 'local:') WHERE scope ="
            + " 'scope/7'");
    rotation.sweep();
    assertThat(rotation.newest().orElseThrow().finished()).isPresent();
    assertThat(rotation.problem()).isEmpty();
  }
}

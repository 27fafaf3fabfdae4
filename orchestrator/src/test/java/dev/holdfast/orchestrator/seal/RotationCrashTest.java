package dev.holdfast.orchestrator.seal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.orchestrator.db.Database;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that ends without a word between any two batches of a rotation. */
class RotationCrashTest {
  private static final int KEYS = 50;
  private static final int BATCHES = 3;

  @TempDir Path folder;

  /** The process that ends: after so many batches; without a shutdown of any kind. */
  public static final class Dying {
    private Dying() {}

    public static void main(String[] args) throws Exception {
      var world = new World(Path.of(args[0]));
      MasterRotation.Rotation begun = world.rotation.begin("usr_1");
      Optional<String> next = Optional.of("");
      for (int i = 0; i < Integer.parseInt(args[1]); i++) {
        next = world.rotation.batch(begun, next.orElseThrow(), new ArrayList<>());
      }
      Runtime.getRuntime().halt(9);
    }
  }

  private static final class World implements AutoCloseable {
    final Database database;
    final DataKeys keys;
    final MasterRotation rotation;

    World(Path data) throws Exception {
      database = Database.open(data, Clock.systemUTC(), size -> {});
      var masters = MasterKeys.open(data.resolve("keys"), Optional.empty(), Optional.empty());
      keys = new DataKeys(database, masters, Installation.of(data), Clock.systemUTC());
      rotation =
          new MasterRotation(
              database,
              masters,
              keys,
              Clock.systemUTC(),
              (session, actor, action, subject, reasons) -> {});
    }

    @Override
    public void close() {
      database.close();
    }
  }

  @Test
  void itGoesOnWhereItWasAndEverythingStillOpens() throws Exception {
    for (int after = 0; after <= BATCHES; after++) {
      Path data = folder.resolve("after-" + after);
      var sealed = new ArrayList<String>();
      try (var world = new World(data)) {
        for (int i = 0; i < KEYS; i++) {
          sealed.add(world.keys.seal("scope/" + i, Place.of("p"), new byte[] {(byte) i}));
        }
      }
      Process dying =
          new ProcessBuilder(
                  List.of(
                      System.getProperty("java.home") + "/bin/java",
                      "--enable-native-access=ALL-UNNAMED",
                      "-XX:+UseSerialGC",
                      "-XX:TieredStopAtLevel=1",
                      "-cp",
                      System.getProperty("java.class.path"),
                      Dying.class.getName(),
                      data.toString(),
                      Integer.toString(after)))
              .redirectErrorStream(true)
              .redirectOutput(new File(folder.toFile(), "out-" + after))
              .start();
      assertThat(dying.waitFor(120, TimeUnit.SECONDS)).isTrue();
      assertThat(dying.exitValue())
          .as(Files.readString(folder.resolve("out-" + after)))
          .isEqualTo(9);
      try (var world = new World(data)) {
        assertThat(world.rotation.newest().orElseThrow().finished()).isEmpty();
        assertThat(world.rotation.left()).isEqualTo(Math.max(0, KEYS - after * 20L));
        everythingOpens(world, sealed);
        world.rotation.sweep();
        assertThat(world.rotation.newest().orElseThrow().finished()).isPresent();
        assertThat(world.rotation.left()).isZero();
        everythingOpens(world, sealed);
      }
      Files.delete(data.resolve("keys/master.key"));
      try (var world = new World(data)) {
        everythingOpens(world, sealed);
      }
    }
  }

  private static void everythingOpens(World world, List<String> sealed) {
    for (int i = 0; i < KEYS; i++) {
      assertThat(world.keys.open("scope/" + i, Place.of("p"), sealed.get(i)))
          .containsExactly((byte) i);
    }
  }
}

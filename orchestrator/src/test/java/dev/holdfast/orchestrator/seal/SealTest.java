package dev.holdfast.orchestrator.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.orchestrator.db.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.HashSet;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealTest {
  @TempDir Path folder;
  private Database database;

  @BeforeEach
  void begin() {
    database = Database.open(folder, Clock.systemUTC(), size -> {});
  }

  @AfterEach
  void end() {
    database.close();
  }

  private DataKeys keys(long mostUses) throws IOException {
    return new DataKeys(
        database,
        MasterKeys.open(folder.resolve("keys"), Optional.empty(), Optional.empty()),
        Installation.of(folder),
        Clock.systemUTC(),
        mostUses);
  }

  private Seal seal() throws IOException {
    return Seal.with(keys(DataKeys.MOST_USES), folder.resolve("keys/master.key"));
  }

  @Test
  void opensAtItsPlaceAndNowhereElse() throws Exception {
    Seal seal = seal();
    String sealed = seal.seal("hunter2", "t/1/c");
    assertThat(seal.open(sealed, "t/1/c")).isEqualTo("hunter2");
    assertThat(seal().open(sealed, "t/1/c")).as("the key is kept").isEqualTo("hunter2");
    assertThat(seal.seal("hunter2", "t/1/c")).as("never twice the same").isNotEqualTo(sealed);
    assertThatThrownBy(() -> seal.open(sealed, "t/2/c")).isInstanceOf(Seal.Broken.class);
  }

  @Test
  void anotherMasterKeyOpensNothingAndIsNamed() throws Exception {
    seal();
    Files.write(folder.resolve("keys/master.key"), Gcm.newKey());
    assertThatThrownBy(this::seal)
        .isInstanceOf(Seal.Broken.class)
        .hasMessageContaining("another key than the one called master now");
  }

  @Test
  void everyChangedByteIsFound() throws Exception {
    Seal seal = seal();
    String sealed = seal.seal("hunter2", "place");
    for (int i = 0; i < sealed.length(); i++) {
      // Two bits apart in Base64, so that no change falls into bits that do not count.
      char turned = sealed.charAt(i) == 'A' ? 'Q' : 'A';
      String changed = sealed.substring(0, i) + turned + sealed.substring(i + 1);
      if (sealed.charAt(i) != '=') {
        assertThatThrownBy(() -> seal.open(changed, "place")).isInstanceOf(Seal.Broken.class);
      }
      // Only what fills up Base64 at its end may be missing: it says nothing.
      String cut = sealed.substring(0, i);
      if (!sealed.replace("=", "").equals(cut.replace("=", ""))) {
        assertThatThrownBy(() -> seal.open(cut, "place")).isInstanceOf(Seal.Broken.class);
      }
    }
    assertThat(seal.open(sealed, "place")).isEqualTo("hunter2");
  }

  @Test
  void whatAnEarlierReleaseSealedOpensAtItsPlaceAndNowhereElse() throws Exception {
    Seal seal = seal();
    byte[] key = Files.readAllBytes(folder.resolve("keys/master.key"));
    String old = OldSealed.seal(key, "hunter2", "t/1/c");
    assertThat(Seal.isNew(old)).isFalse();
    assertThat(seal.open(old, "t/1/c")).isEqualTo("hunter2");
    assertThatThrownBy(() -> seal.open(old, "t/2/c")).isInstanceOf(Seal.Broken.class);
    String another = OldSealed.seal(Gcm.newKey(), "hunter2", "t/1/c");
    assertThatThrownBy(() -> seal.open(another, "t/1/c"))
        .isInstanceOf(Seal.Broken.class)
        .hasMessageContaining("another key");
  }

  @Test
  void aKeyThatOthersCouldReadIsRefusedWithTheMend() throws Exception {
    Path file = folder.resolve("keys/master.key");
    seal();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(this::seal)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chmod 600 " + file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    seal();
    Path moved = folder.resolve("moved.key");
    Files.move(file, moved);
    Files.createSymbolicLink(file, moved);
    assertThatThrownBy(this::seal)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a plain file");
    Files.delete(file);
    Files.move(moved, file);
    seal();
    Files.write(file, new byte[31]);
    assertThatThrownBy(this::seal).isInstanceOf(IOException.class).hasMessageContaining("damaged");
  }

  @Test
  void aDataKeyEndsWithItsUsesAndWhatItSealedStaysReadable() throws Exception {
    DataKeys keys = keys(2048);
    Place place = Place.of("p");
    String first = keys.seal("scope", place, new byte[] {7});
    var ids = new HashSet<String>();
    for (int i = 0; i < 5000; i++) {
      ids.add(keys.seal("scope", place, new byte[] {1}).split("\\.")[1]);
    }
    // 2048 each: three keys; the count is in the database before a key is used.
    assertThat(ids).hasSize(3);
    assertThat(keys.open("scope", place, first)).containsExactly(7);
    assertThat(
            database.<Long>read(s ->
                s.first("SELECT max(uses) AS n FROM data_key", row -> row.number("n")).orElse(0L)))
        .isEqualTo(2048);
  }

  @Test
  void noTwoNoncesAreTheSame() {
    byte[] key = Gcm.newKey();
    var nonces = new HashSet<String>();
    for (int i = 0; i < 20_000; i++) {
      byte[] sealed = Gcm.seal(key, new byte[0], new byte[] {1});
      nonces.add(
          java.util.HexFormat.of().formatHex(java.util.Arrays.copyOf(sealed, Gcm.NONCE_BYTES)));
    }
    assertThat(nonces).hasSize(20_000);
  }
}

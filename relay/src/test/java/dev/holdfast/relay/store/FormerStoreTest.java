package dev.holdfast.relay.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.model.wire.relay.RelayApi.Delivery;
import dev.holdfast.model.wire.relay.RelayApi.Pull;
import dev.holdfast.model.wire.relay.Sealing;
import dev.holdfast.relay.Postgres;
import dev.holdfast.relay.seal.Opener;
import dev.holdfast.relay.seal.Sealer;
import dev.holdfast.relay.store.Mailbox.Claimed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that the first release left behind, with deliveries in it, opened by this one. */
@NullMarked
class FormerStoreTest {
  private static final InstantSource CLOCK = () -> Instant.parse("2025-11-27T13:00:00Z");
  private static final String CREDENTIAL = "hfrc_" + "c".repeat(43);
  private static final String SECRET = "s".repeat(43);
  private static final byte[] SIXTH = filled((byte) 6);
  private static final byte[] SEVENTH = filled((byte) 7);

  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init")
  FormerStoreTest() {}

  private static byte[] filled(byte with) {
    byte[] out = new byte[72];
    java.util.Arrays.fill(out, with);
    return out;
  }

  @Test
  void whatTheFirstReleaseKeptInSqliteIsGivenOutAndGoesOn() throws Exception {
    goesOn(folder.resolve("relay.db").toString());
  }

  @Test
  void whatTheFirstReleaseKeptInPostgresqlIsGivenOutAndGoesOn() throws Exception {
    try (Postgres postgres = Postgres.start()) {
      goesOn(postgres.newDatabase());
    }
  }

  private static void goesOn(String database) throws Exception {
    Opener opener = Opener.make();
    left(database, opener);
    try (Store store = Store.open(database, CLOCK, Allowance.DEFAULT)) {
      assertThat(store.tenants().caller(CREDENTIAL).map(Tenants.Caller::tenant))
          .contains("ten_old");
      Sources.Door door = store.sources().door(SECRET).orElseThrow();
      assertThat(door.ranges()).containsExactly("192.0.2.0/24");
      assertThat(door.key()).isEqualTo(opener.key());

      var bound = new Sealing.Bound("ten_old", "src_old", "dlv_8", store.now());
      assertThat(
              store
                  .mailbox()
                  .keep(
                      bound,
                      new Sealer()
                          .seal(door.key(), bound, new Original("POST", Map.of(), new byte[10])))
                  .join())
          .isEqualTo(Mailbox.Taken.KEPT);
      Claimed claimed = claim(store, List.of());
      assertThat(claimed.deliveries())
          .extracting(Delivery::delivery)
          .containsExactly("dlv_6", "dlv_7", "dlv_8");
      assertThat(claimed.deliveries())
          .extracting(Delivery::number)
          .as("numbers go on where they were")
          .containsExactly(6L, 7L, 8L);
      assertThat(claimed.standing().refused()).isEqualTo(3);
      assertThat(store.mailbox().sealed("ten_old", claimed.deliveries().get(0))).contains(SIXTH);
      assertThat(store.mailbox().sealed("ten_old", claimed.deliveries().get(1))).contains(SEVENTH);

      Claimed after = claim(store, claimed.deliveries().stream().map(Delivery::delivery).toList());
      assertThat(after.deliveries()).isEmpty();
      assertThat(after.standing().waiting()).isZero();
      assertThat(after.standing().bytes()).isZero();
    }
  }

  private static Claimed claim(Store store, List<String> acks) {
    return store.mailbox().claim("ten_old", new Pull("p", acks, 10, 1_000_000, Duration.ZERO));
  }

  @Test
  void aNewerReleasesStoreIsRefusedAndStaysAsItWas() throws Exception {
    String database = folder.resolve("relay.db").toString();
    left(database, Opener.make());
    Place place = Place.of(database);
    Session session = place.connect();
    session.update("INSERT INTO relay_schema (version) VALUES (99)");
    session.close();
    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(() -> Store.open(database, CLOCK, Allowance.DEFAULT))
        .withMessageContaining("newer release")
        .withMessageContaining("update this relay");
    Session after = place.connect();
    assertThat(after.list("SELECT id FROM delivery ORDER BY id", row -> row.getString("id")))
        .containsExactly("dlv_6", "dlv_7");
    after.close();
  }

  /** Makes the database as that release left it. */
  private static void left(String database, Opener opener) throws Exception {
    Place place = Place.of(database);
    Session session = place.connect();
    try {
      for (String line : statements()) {
        session.update(
            line.replace("BYTES", place.dialect() == Dialect.SQLITE ? "BLOB" : "BYTEA")
                .replace("SEALED_6", literal(place, SIXTH))
                .replace("SEALED_7", literal(place, SEVENTH))
                .replace("CREDENTIAL_HASH", Unguessable.hash(CREDENTIAL))
                .replace("SECRET_HASH", Unguessable.hash(SECRET))
                .replace("PUBLIC_KEY", opener.key().value()));
      }
    } finally {
      session.close();
    }
  }

  private static String literal(Place place, byte[] bytes) {
    String hex = HexFormat.of().formatHex(bytes);
    return place.dialect() == Dialect.SQLITE ? "X'" + hex + "'" : "'\\x" + hex + "'";
  }

  private static List<String> statements() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(FormerStoreTest.class.getResourceAsStream("release-1.sql"))) {
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> !line.startsWith("--") && !line.isBlank())
          .map(line -> line.replaceFirst(";$", ""))
          .toList();
    }
  }
}

package dev.holdfast.relay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.relay.Postgres;
import java.time.Duration;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

@NullMarked
class PostgresStoreTest extends StoreContract {
  @SuppressWarnings("NullAway.Init")
  private static Postgres postgres;

  private String database = "";

  @BeforeAll
  static void start() throws Exception {
    postgres = Postgres.start();
  }

  @AfterAll
  static void stop() throws Exception {
    postgres.close();
  }

  @Override
  Store first() {
    database = postgres.newDatabase();
    return another();
  }

  @Override
  Store another() {
    return Store.open(database, clock, ALLOWANCE);
  }

  @Test
  void whatOneRelayTookWakesWhoWaitsAtAnother() throws Exception {
    try (Store one = another();
        Store two = another()) {
      var added = one.tenants().add("acme");
      try (Arrivals.Ear ear = two.arrivals().listen(added.id(), 1).orElseThrow()) {
        // What wakes everybody when the notices begin.
        ear.await(Duration.ofSeconds(10));
        var _ =
            one.submit(
                    added.id(),
                    0,
                    s -> {
                      one.announce(s, added.id());
                      return true;
                    })
                .join();
        long begun = System.nanoTime();
        ear.await(Duration.ofSeconds(20));
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
      }
    }
  }

  @Test
  void aConnectionThatTheDatabaseEndedIsMadeAnew() {
    try (Store one = another()) {
      one.tenants().add("before");
      postgres.endConnections(database);
      // The first may find out that it is gone; nothing of it has happened, as it says.
      try {
        one.tenants().add("between");
      } catch (Unavailable e) {
        assertThat(e).hasMessageContaining("cannot be written");
      }
      one.tenants().add("after");
      assertThat(one.tenants().list()).extracting(Tenants.Tenant::name).contains("before", "after");
    }
  }

  @Test
  void aDatabaseThatIsAwayIsSaidSoInASentence() {
    assertThatExceptionOfType(Unavailable.class)
        .isThrownBy(
            () -> Store.open("postgresql://127.0.0.1:1/none?user=u&password=pss", clock, ALLOWANCE))
        .withMessageContaining("127.0.0.1:1")
        .withMessageNotContaining("pss");
  }
}

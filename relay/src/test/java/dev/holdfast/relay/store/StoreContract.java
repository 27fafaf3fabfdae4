package dev.holdfast.relay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.model.wire.relay.RelayApi.Delivery;
import dev.holdfast.model.wire.relay.RelayApi.Enrol;
import dev.holdfast.model.wire.relay.RelayApi.Pull;
import dev.holdfast.model.wire.relay.RelayApi.PutCredential;
import dev.holdfast.model.wire.relay.RelayApi.PutSource;
import dev.holdfast.model.wire.relay.Sealing;
import dev.holdfast.relay.seal.Opener;
import dev.holdfast.relay.seal.Sealed;
import dev.holdfast.relay.seal.Sealer;
import dev.holdfast.relay.store.Mailbox.Claimed;
import dev.holdfast.relay.store.Mailbox.Taken;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds of the relay's store, whichever database it is. */
@NullMarked
abstract class StoreContract {
  static final Allowance ALLOWANCE =
      new Allowance(20, 100_000, Duration.ofDays(1), Duration.ofSeconds(30));

  private Instant now = Instant.parse("2026-11-27T12:00:00Z");
  final InstantSource clock = () -> now;
  private final Opener opener = Opener.make();
  private Store store;

  /** A new store, over an empty database. */
  abstract Store first();

  /** Another over the same one, as another relay has. */
  abstract Store another();

  @SuppressWarnings("NullAway.Init")
  StoreContract() {}

  @BeforeEach
  void open() {
    store = first();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static String credential() {
    return Unguessable.secret("hfrc_");
  }

  private String tenant() {
    Tenants.Added added = store.tenants().add("acme");
    assertThat(store.tenants().enrol(new Enrol(1, added.token(), credential(), opener.key())))
        .contains(added.id());
    return added.id();
  }

  private String source(String tenant, String source) {
    String secret = Unguessable.secret("");
    store.sources().put(tenant, source, new PutSource(secret, List.of(), Duration.ofHours(1)));
    return secret;
  }

  private Taken keep(Store at, String tenant, String source, int size) {
    var bound = new Sealing.Bound(tenant, source, Unguessable.id("dlv"), clock.instant());
    Sealed sealed =
        new Sealer().seal(opener.key(), bound, new Original("POST", Map.of(), new byte[size]));
    return at.mailbox().keep(bound, sealed).join();
  }

  private static Pull pull(String puller, int most, List<String> acks) {
    return new Pull(puller, acks, most, 10_000_000, Duration.ZERO);
  }

  private static List<Long> numbers(Claimed claimed) {
    return claimed.deliveries().stream().map(Delivery::number).toList();
  }

  private static List<String> ids(Claimed claimed) {
    return claimed.deliveries().stream().map(Delivery::delivery).toList();
  }

  @Test
  void aTokenEnrolsOneCredentialAndTheSameAgainIsAnsweredAgain() {
    Tenants.Added added = store.tenants().add("acme");
    var first = new Enrol(1, added.token(), credential(), opener.key());
    assertThat(store.tenants().enrol(first)).contains(added.id());
    assertThat(store.tenants().enrol(first)).contains(added.id());
    assertThat(store.tenants().enrol(new Enrol(1, added.token(), credential(), opener.key())))
        .isEmpty();
    assertThat(store.tenants().caller(first.credential()).orElseThrow().tenant())
        .isEqualTo(added.id());
    assertThat(store.tenants().caller(credential())).isEmpty();
  }

  @Test
  void aTokenThatIsOldEnrolsNobody() {
    Tenants.Added added = store.tenants().add("acme");
    now = now.plus(Tenants.TOKEN_LIFE);
    assertThat(store.tenants().enrol(new Enrol(1, added.token(), credential(), opener.key())))
        .isEmpty();
  }

  @Test
  void aFormerCredentialIsGoodForTheOverlapAndNotLonger() {
    Tenants.Added added = store.tenants().add("acme");
    String old = credential();
    store.tenants().enrol(new Enrol(1, added.token(), old, opener.key()));
    String fresh = credential();
    var asked = new PutCredential(fresh, Duration.ofMinutes(5));
    Tenants.Caller caller = store.tenants().caller(old).orElseThrow();
    Instant until = store.tenants().put(caller, asked);
    assertThat(until).isEqualTo(now.plus(Duration.ofMinutes(5)));
    assertThat(store.tenants().put(caller, asked)).as("the same again").isEqualTo(until);
    assertThat(store.tenants().caller(old)).isPresent();
    assertThat(store.tenants().caller(fresh)).isPresent();
    now = until;
    assertThat(store.tenants().caller(old)).isEmpty();
    assertThat(store.tenants().caller(fresh)).isPresent();
  }

  @Test
  void aFormerAddressOfASourceIsGoodForTheOverlapAndNotLonger() {
    String tenant = tenant();
    String old = source(tenant, "src_1");
    String fresh = source(tenant, "src_1");
    assertThat(store.sources().door(old)).isPresent();
    assertThat(store.sources().door(fresh)).isPresent();
    now = now.plus(Duration.ofHours(1));
    assertThat(store.sources().door(old)).isEmpty();
    assertThat(store.sources().door(fresh)).isPresent();
    store.sources().remove(tenant, "src_1");
    assertThat(store.sources().door(fresh)).isEmpty();
  }

  @Test
  void anotherTenantsSecretIsRefusedAndItsSourceStaysAsItWas() {
    String one = tenant();
    String two = tenant();
    String secret = source(one, "src_1");
    assertThatExceptionOfType(Refused.class)
        .isThrownBy(() ->
            store.sources().put(two, "src_1", new PutSource(secret, List.of(), Duration.ZERO)));
    assertThat(store.sources().door(secret).orElseThrow().tenant()).isEqualTo(one);
  }

  @Test
  void aTenantThatIsRevokedIsSoAtOnceAtEveryRelay() {
    Tenants.Added added = store.tenants().add("acme");
    String credential = credential();
    store.tenants().enrol(new Enrol(1, added.token(), credential, opener.key()));
    String secret = source(added.id(), "src_1");
    keep(store, added.id(), "src_1", 10);
    try (Store other = another()) {
      assertThat(other.tenants().caller(credential)).isPresent();
      assertThat(store.tenants().revoke(added.id())).isTrue();
      assertThat(other.tenants().caller(credential)).isEmpty();
      assertThat(other.sources().door(secret)).isEmpty();
      assertThat(keep(other, added.id(), "src_1", 10)).isEqualTo(Taken.GONE);
      assertThatExceptionOfType(Refused.class)
          .isThrownBy(() -> other.mailbox().claim(added.id(), pull("p", 10, List.of())));
      assertThat(other.mailbox().standing(added.id()).waiting()).isZero();
    }
  }

  @Test
  void deliveriesOfASourceComeInTheirOrderAndAgainUntilTheyAreAcknowledged() {
    String tenant = tenant();
    source(tenant, "src_1");
    for (int i = 0; i < 5; i++) {
      assertThat(keep(store, tenant, "src_1", 10)).isEqualTo(Taken.KEPT);
    }
    Claimed first = store.mailbox().claim(tenant, pull("p", 3, List.of()));
    assertThat(numbers(first)).containsExactly(1L, 2L, 3L);
    // The same puller goes on without having acknowledged.
    assertThat(numbers(store.mailbox().claim(tenant, pull("p", 10, List.of()))))
        .containsExactly(4L, 5L);
    // It was killed; what replaces it has all of it, once the lease is over.
    assertThat(numbers(store.mailbox().claim(tenant, pull("q", 10, List.of())))).isEmpty();
    now = now.plus(ALLOWANCE.lease());
    Claimed again = store.mailbox().claim(tenant, pull("q", 10, List.of()));
    assertThat(numbers(again)).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(ids(again)).startsWith(ids(first).toArray(String[]::new));
    Claimed after = store.mailbox().claim(tenant, pull("q", 10, ids(again)));
    assertThat(after.deliveries()).isEmpty();
    assertThat(after.standing().waiting()).isZero();
    assertThat(after.standing().bytes()).isZero();
  }

  @Test
  void whileOnePullerHoldsASourceNoOtherHasItsNext() {
    String tenant = tenant();
    source(tenant, "src_1");
    source(tenant, "src_2");
    keep(store, tenant, "src_1", 10);
    keep(store, tenant, "src_1", 10);
    Claimed one = store.mailbox().claim(tenant, pull("p", 1, List.of()));
    assertThat(numbers(one)).containsExactly(1L);
    try (Store other = another()) {
      Claimed none = other.mailbox().claim(tenant, pull("q", 10, List.of()));
      assertThat(none.deliveries()).isEmpty();
      assertThat(none.next()).contains(now.plus(ALLOWANCE.lease()));
      keep(store, tenant, "src_2", 10);
      assertThat(other.mailbox().claim(tenant, pull("q", 10, List.of())).deliveries())
          .extracting(Delivery::source)
          .containsExactly("src_2");
      // Whoever acknowledges, the source is free once nothing of it is out.
      assertThat(numbers(other.mailbox().claim(tenant, pull("q", 10, ids(one)))))
          .containsExactly(2L);
    }
  }

  @Test
  void whatIsFullRefusesWhatIsNewAndKeepsWhatIsOld() {
    String tenant = tenant();
    source(tenant, "src_1");
    for (int i = 0; i < ALLOWANCE.deliveries(); i++) {
      assertThat(keep(store, tenant, "src_1", 10)).isEqualTo(Taken.KEPT);
    }
    assertThat(keep(store, tenant, "src_1", 10)).isEqualTo(Taken.FULL);
    assertThat(keep(store, tenant, "src_1", 10)).isEqualTo(Taken.FULL);
    String other = tenant();
    source(other, "src_1");
    assertThat(keep(store, other, "src_1", 10)).as("another tenant").isEqualTo(Taken.KEPT);
    assertThat(keep(store, other, "src_1", (int) ALLOWANCE.bytes()))
        .as("by bytes")
        .isEqualTo(Taken.FULL);
    Claimed all = store.mailbox().claim(tenant, pull("p", 100, List.of()));
    assertThat(numbers(all)).startsWith(1L, 2L).hasSize(20);
    assertThat(all.standing().refused()).isEqualTo(2);
    store.mailbox().claim(tenant, pull("p", 0, ids(all)));
    assertThat(keep(store, tenant, "src_1", 10)).isEqualTo(Taken.KEPT);
  }

  @Test
  void whatIsTooOldIsDroppedAndCounted() {
    String tenant = tenant();
    source(tenant, "src_1");
    keep(store, tenant, "src_1", 10);
    now = now.plus(ALLOWANCE.age()).plusSeconds(1);
    keep(store, tenant, "src_1", 10);
    assertThat(store.mailbox().expire()).isEqualTo(1);
    Claimed left = store.mailbox().claim(tenant, pull("p", 10, List.of()));
    assertThat(numbers(left)).containsExactly(2L);
    assertThat(left.standing().expired()).isEqualTo(1);
  }

  @Test
  void aPullerHasNoMoreThanItAskedForButOneOfAnySize() {
    String tenant = tenant();
    source(tenant, "src_1");
    for (int i = 0; i < 4; i++) {
      keep(store, tenant, "src_1", 1000);
    }
    Claimed two = store.mailbox().claim(tenant, new Pull("p", List.of(), 10, 2500, Duration.ZERO));
    assertThat(numbers(two)).containsExactly(1L, 2L);
    Claimed one = store.mailbox().claim(tenant, new Pull("p", List.of(), 10, 1, Duration.ZERO));
    assertThat(numbers(one)).containsExactly(3L);
  }

  @Test
  void aTenantHasNoPartInAnothersDeliveries() {
    String one = tenant();
    String two = tenant();
    source(one, "src_1");
    source(two, "src_1");
    keep(store, one, "src_1", 10);
    Claimed its = store.mailbox().claim(one, pull("p", 10, List.of()));
    assertThat(store.mailbox().claim(two, pull("p", 10, ids(its))).deliveries()).isEmpty();
    assertThat(store.mailbox().standing(one).waiting()).as("acks of others").isEqualTo(1);
    assertThat(store.mailbox().sealed(two, its.deliveries().getFirst())).isEmpty();
    assertThat(store.mailbox().sealed(one, its.deliveries().getFirst())).isPresent();
  }

  @Test
  void keysAreNeededAsLongAsSomethingIsSealedToThem() {
    String tenant = tenant();
    source(tenant, "src_1");
    keep(store, tenant, "src_1", 10);
    Opener fresh = Opener.make();
    assertThat(store.tenants().put(tenant, fresh.key()))
        .containsExactly(fresh.key().id(), opener.key().id());
    Claimed old = store.mailbox().claim(tenant, pull("p", 10, List.of()));
    store.mailbox().claim(tenant, pull("p", 0, ids(old)));
    assertThat(store.tenants().put(tenant, fresh.key())).containsExactly(fresh.key().id());
  }

  @Test
  void manyPostersAndPullersAtTwoRelaysLoseNothingAndKeepTheOrder() throws Exception {
    String tenant = tenant();
    List<String> sources = List.of("src_1", "src_2", "src_3");
    sources.forEach(source -> source(tenant, source));
    int each = 40;
    try (Store other = another()) {
      List<Store> relays = List.of(store, other);
      var posters = new ArrayList<CompletableFuture<Void>>();
      for (String source : sources) {
        posters.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; i < each; i++) {
                    // One after the other, at either relay; full means wait, as a forge does.
                    while (keep(relays.get(i % 2), tenant, source, 10) != Taken.KEPT) {
                      Thread.onSpinWait();
                    }
                  }
                },
                task -> Thread.ofVirtual().start(task)));
      }
      Map<String, List<Long>> got = new java.util.concurrent.ConcurrentHashMap<>();
      Set<String> seen = java.util.Collections.synchronizedSet(new TreeSet<>());
      var pullers = new ArrayList<CompletableFuture<Void>>();
      for (int p = 0; p < 4; p++) {
        String puller = "p" + p;
        Store relay = relays.get(p % 2);
        pullers.add(
            CompletableFuture.runAsync(
                () -> {
                  List<String> acks = List.of();
                  while (seen.size() < each * sources.size()) {
                    Claimed claimed = relay.mailbox().claim(tenant, pull(puller, 7, acks));
                    for (Delivery delivery : claimed.deliveries()) {
                      assertThat(seen.add(delivery.delivery())).as("twice").isTrue();
                      got.computeIfAbsent(
                              delivery.source(),
                              s -> java.util.Collections.synchronizedList(new ArrayList<>()))
                          .add(delivery.number());
                    }
                    acks = ids(claimed);
                  }
                  relay.mailbox().claim(tenant, pull(puller, 0, acks));
                },
                task -> Thread.ofVirtual().start(task)));
      }
      for (CompletableFuture<Void> one : posters) {
        one.get(60, java.util.concurrent.TimeUnit.SECONDS);
      }
      for (CompletableFuture<Void> one : pullers) {
        one.get(60, java.util.concurrent.TimeUnit.SECONDS);
      }
      for (String source : sources) {
        assertThat(got.get(source)).as(source).hasSize(each).isSorted();
      }
      assertThat(store.mailbox().standing(tenant).waiting()).isZero();
    }
  }
}

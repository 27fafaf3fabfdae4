package dev.holdfast.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.wire.relay.Batch;
import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.model.wire.relay.RelayApi.Delivery;
import dev.holdfast.relay.store.Allowance;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Several orchestrators of one tenant, over one inbox, are dialled in at once. Each delivery is
 * given to one of them; one of them goes, in the middle, with deliveries in its hands.
 */
@NullMarked
class SeveralOrchestratorsTest {
  private static final int SOURCES = 6;
  private static final int EACH = 60;
  private static final Duration LEASE = Duration.ofSeconds(2);

  /** Where one is killed: each is a different thing that its tenant may have twice, or never. */
  enum Moment {
    BEFORE_ITS_INBOX_HAS_THEM,
    BEFORE_IT_ACKNOWLEDGES
  }

  @TempDir Path folder;
  private final HttpClient forge = HttpClient.newHttpClient();

  @SuppressWarnings("NullAway.Init")
  SeveralOrchestratorsTest() {}

  private static RelaySettings leased(RelaySettings s) {
    return new RelaySettings(
        s.database(),
        s.ingress(),
        s.tenants(),
        s.operator(),
        s.address(),
        s.proxies(),
        s.limits(),
        new Allowance(10_000, 100_000_000, Duration.ofDays(1), LEASE));
  }

  @ParameterizedTest
  @EnumSource
  void whatOneHeldWhenItWasKilledTheOtherHasAndNothingComesInTwice(Moment moment) throws Exception {
    try (Relay relay = Relays.start(folder.resolve("relay.db").toString(), s -> leased(s))) {
      oneIsKilled(moment, relay, relay);
    }
  }

  @Test
  void theSameWithARelayForEachOverPostgresql() throws Exception {
    try (Postgres postgres = Postgres.start()) {
      String database = postgres.newDatabase();
      try (Relay one = Relays.start(database, s -> leased(s));
          Relay other = Relays.start(database, s -> leased(s))) {
        oneIsKilled(Moment.BEFORE_ITS_INBOX_HAS_THEM, one, other);
      }
    }
  }

  private void oneIsKilled(Moment moment, Relay one, Relay other) throws Exception {
    Tenant tenant = Relays.tenant(one);
    var paths = new ArrayList<String>();
    for (int source = 0; source < SOURCES; source++) {
      paths.add(URI.create(tenant.source("src_" + source)).getPath());
    }
    var inbox = new Inbox();
    var killed = new Orchestrator("first", tenant, one, inbox);
    var living = new Orchestrator("second", tenant, other, inbox);
    CompletableFuture<Void> first = started(killed);
    CompletableFuture<Void> second = started(living);
    for (int i = 0; i < EACH; i++) {
      for (int source = 0; source < SOURCES; source++) {
        post(i % 2 == 0 ? one : other, paths.get(source), source + " " + i);
      }
      if (i == EACH / 3) {
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> killed.given.get() > 0 && living.given.get() > 0);
        killed.end = moment;
      }
    }
    first.get(60, TimeUnit.SECONDS);
    assertThat(killed.held).as("in the hands of the one that was killed").isNotEmpty();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> inbox.size() == SOURCES * EACH && living.held.isEmpty());
    living.over = true;
    second.get(60, TimeUnit.SECONDS);

    for (int source = 0; source < SOURCES; source++) {
      List<Integer> came = inbox.of("src_" + source);
      assertThat(came).as("of source %d, each once", source).doesNotHaveDuplicates();
      assertThat(came).as("of source %d, all, in order", source).hasSize(EACH).isSorted();
    }
    assertThat(inbox.givenTwice())
        .as("given to both is only what the one that was killed had not acknowledged")
        .isEqualTo(killed.held);
    Batch left = tenant.at(other.ports().tenants()).pull("third", 10, Duration.ZERO, List.of());
    assertThat(left.head().standing().waiting()).as("left at the relay").isZero();
  }

  private static CompletableFuture<Void> started(Orchestrator orchestrator) {
    return CompletableFuture.runAsync(orchestrator, task -> Thread.ofVirtual().start(task));
  }

  private void post(Relay relay, String path, String body) throws Exception {
    HttpResponse<String> answer =
        forge.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + relay.ports().ingress() + path))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(202);
  }

  /** What both orchestrators write to, as to one database: by the delivery's id, each once. */
  private static final class Inbox {
    private final Map<String, String> bodies = new LinkedHashMap<>();
    private final Map<String, List<Integer>> bySource = new HashMap<>();
    private final Map<String, Set<String>> given = new HashMap<>();

    synchronized void put(Delivery delivery, String body) {
      if (bodies.putIfAbsent(delivery.delivery(), body) == null) {
        bySource
            .computeIfAbsent(delivery.source(), s -> new ArrayList<>())
            .add(Integer.parseInt(body.split(" ", -1)[1]));
      }
    }

    synchronized void given(Delivery delivery, String orchestrator) {
      given.computeIfAbsent(delivery.delivery(), d -> new HashSet<>()).add(orchestrator);
    }

    synchronized int size() {
      return bodies.size();
    }

    synchronized List<Integer> of(String source) {
      return List.copyOf(bySource.getOrDefault(source, List.of()));
    }

    synchronized Set<String> givenTwice() {
      var out = new HashSet<String>();
      given.forEach((delivery, who) -> {
        if (who.size() > 1) {
          out.add(delivery);
        }
      });
      return out;
    }
  }

  /** One that pulls, writes down and acknowledges, until it is over, or killed. */
  private static final class Orchestrator implements Runnable {
    private final String name;
    private final Tenant tenant;
    private final int port;
    private final Inbox inbox;
    private final AtomicInteger given = new AtomicInteger();
    private volatile Set<String> held = Set.of();
    private volatile boolean over;
    private volatile @Nullable Moment end;

    Orchestrator(String name, Tenant tenant, Relay relay, Inbox inbox) {
      this.name = name;
      this.tenant = tenant;
      this.port = relay.ports().tenants();
      this.inbox = inbox;
    }

    @Override
    public void run() {
      try {
        List<String> acks = List.of();
        while (!over) {
          Batch batch = tenant.pullAt(port, name, 12, Duration.ofMillis(500), acks);
          List<Delivery> deliveries = batch.head().deliveries();
          List<Original> opened = tenant.open(batch);
          held = Set.copyOf(Tenant.ids(batch));
          deliveries.forEach(delivery -> inbox.given(delivery, name));
          given.addAndGet(deliveries.size());
          boolean last = end != null && !deliveries.isEmpty();
          if (last && end == Moment.BEFORE_ITS_INBOX_HAS_THEM) {
            return;
          }
          for (int i = 0; i < opened.size(); i++) {
            inbox.put(deliveries.get(i), new String(opened.get(i).body(), UTF_8));
          }
          if (last) {
            return;
          }
          acks = Tenant.ids(batch);
        }
      } catch (Exception e) {
        throw new IllegalStateException(name, e);
      }
    }
  }
}

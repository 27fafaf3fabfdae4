package dev.holdfast.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.wire.relay.Batch;
import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.relay.store.Allowance;
import dev.holdfast.relay.store.Store;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A relay is killed at random moments while forges post and an orchestrator pulls. Whatever was
 * answered with 202 comes out, and in order. The forges do what forges do: they post again what was
 * not answered.
 */
@NullMarked
class KilledRelayTest {
  private static final int KILLS = 6;
  private static final int SOURCES = 3;

  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init")
  KilledRelayTest() {}

  @Test
  void nothingAcknowledgedIsLostOverSqlite() throws Exception {
    nothingIsLost(killed(folder.resolve("relay.db").toString()));
  }

  @Test
  void nothingAcknowledgedIsLostOverPostgresql() throws Exception {
    try (Postgres postgres = Postgres.start()) {
      nothingIsLost(killed(postgres.newDatabase()));
    }
  }

  /** The same kills, the same look: a relay that answers before it is on disk is found out. */
  @Test
  void theControl_whatIsAnsweredBeforeItIsOnDiskIsMissed() throws Exception {
    Outcome outcome = killed(folder.resolve("relay.db").toString(), "hasty");
    assertThat(outcome.sources())
        .as("what was answered and came, seed %d", outcome.seed())
        .anySatisfy(one -> assertThat(one.lost()).isNotEmpty());
    long lost = outcome.sources().stream().mapToLong(one -> one.lost().size()).sum();
    System.out.println("figure: lost by a relay that answers too early = " + lost + " deliveries");
  }

  /**
   * What became of one source's posts.
   *
   * @param answered with 202, in that order
   * @param came out of the relay, in that order
   */
  private record OfSource(List<Integer> answered, List<Integer> came) {
    List<Integer> lost() {
      var out = new ArrayList<>(answered);
      out.removeAll(Set.copyOf(came));
      return out;
    }
  }

  private record Outcome(long seed, List<OfSource> sources) {}

  private static void nothingIsLost(Outcome outcome) {
    for (OfSource one : outcome.sources()) {
      assertThat(one.answered())
          .as("answered with 202 (seed %d)", outcome.seed())
          .hasSizeGreaterThan(20);
      assertThat(one.lost()).as("seed %d", outcome.seed()).isEmpty();
      assertThat(one.came()).as("in order, seed %d", outcome.seed()).isSorted();
    }
    int all = outcome.sources().stream().mapToInt(one -> one.answered().size()).sum();
    System.out.println("figure: answered over " + KILLS + " kills = " + all + " deliveries");
  }

  private Outcome killed(String database, String... more) throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    Path log = folder.resolve("log");
    String token;
    try (Store store = Store.open(database, InstantSource.system(), Allowance.DEFAULT)) {
      token = store.tenants().add("acme").token();
    }
    RelayProcess relay = RelayProcess.start(database, folder, log, more);
    var ports = new Current(relay.ports());
    var over = new AtomicBoolean();
    try {
      Tenant tenant = Tenant.enrolled("http://127.0.0.1:" + ports.now.tenants(), token);
      var posted = Collections.synchronizedList(new ArrayList<String>());
      var posters = new ArrayList<CompletableFuture<Void>>();
      for (int source = 0; source < SOURCES; source++) {
        String path = URI.create(tenant.source("src_" + source)).getPath();
        int number = source;
        posters.add(
            CompletableFuture.runAsync(
                () -> forge(number, path, ports, over, posted),
                task -> Thread.ofVirtual().start(task)));
      }
      for (int kill = 0; kill < KILLS; kill++) {
        int enough = posted.size() + 20 + random.nextInt(100);
        Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> posted.size() >= enough);
        // The moment is what is random here; nothing is waited for.
        LockSupport.parkNanos(random.nextInt(20_000_000));
        relay.kill();
        relay = RelayProcess.start(database, folder, log, more);
        ports.now = relay.ports();
      }
      over.set(true);
      for (CompletableFuture<Void> poster : posters) {
        poster.get(60, TimeUnit.SECONDS);
      }
      Map<String, Set<Integer>> got = drained(tenant.at(ports.now.tenants()));
      var sources = new ArrayList<OfSource>();
      for (int source = 0; source < SOURCES; source++) {
        String prefix = source + " ";
        List<Integer> answered =
            posted.stream()
                .filter(one -> one.startsWith(prefix))
                .map(one -> Integer.parseInt(one.substring(prefix.length())))
                .toList();
        sources.add(
            new OfSource(answered, List.copyOf(got.getOrDefault("src_" + source, Set.of()))));
      }
      return new Outcome(seed, sources);
    } finally {
      over.set(true);
      relay.close();
    }
  }

  /** Where the relay is that runs now. */
  private static final class Current {
    private volatile Relay.Ports now;

    Current(Relay.Ports now) {
      this.now = now;
    }
  }

  private static void forge(
      int source, String path, Current ports, AtomicBoolean over, List<String> posted) {
    HttpClient http = HttpClient.newHttpClient();
    for (int i = 0; !over.get(); i++) {
      String body = source + " " + i;
      while (!accepted(http, path, ports, body)) {
        if (over.get()) {
          return;
        }
        LockSupport.parkNanos(10_000_000);
      }
      posted.add(body);
    }
  }

  private static boolean accepted(HttpClient http, String path, Current ports, String body) {
    try {
      return http.send(
                  HttpRequest.newBuilder(
                          URI.create("http://127.0.0.1:" + ports.now.ingress() + path))
                      .timeout(Duration.ofSeconds(10))
                      .POST(HttpRequest.BodyPublishers.ofString(body))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .statusCode()
          == 202;
    } catch (IOException e) {
      return false; // it was killed; nobody can say whether it had it
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** All that comes until there is nothing for three seconds, in its order. */
  private static Map<String, Set<Integer>> drained(Tenant tenant) throws Exception {
    var out = new HashMap<String, Set<Integer>>();
    List<String> acks = List.of();
    while (true) {
      Batch batch = tenant.pull("p", 200, Duration.ofSeconds(3), acks);
      List<Original> opened = tenant.open(batch);
      for (int i = 0; i < opened.size(); i++) {
        out.computeIfAbsent(batch.head().deliveries().get(i).source(), s -> new LinkedHashSet<>())
            .add(Integer.parseInt(new String(opened.get(i).body(), UTF_8).split(" ")[1]));
      }
      acks = Tenant.ids(batch);
      if (opened.isEmpty() && batch.head().standing().waiting() == 0) {
        return out;
      }
    }
  }
}

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
    killed(folder.resolve("relay.db").toString());
  }

  @Test
  void nothingAcknowledgedIsLostOverPostgresql() throws Exception {
    try (Postgres postgres = Postgres.start()) {
      killed(postgres.newDatabase());
    }
  }

  private void killed(String database) throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    Path log = folder.resolve("log");
    String token;
    try (Store store = Store.open(database, InstantSource.system(), Allowance.DEFAULT)) {
      token = store.tenants().add("acme").token();
    }
    RelayProcess relay = RelayProcess.start(database, folder, log);
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
        relay = RelayProcess.start(database, folder, log);
        ports.now = relay.ports();
      }
      over.set(true);
      for (CompletableFuture<Void> poster : posters) {
        poster.get(60, TimeUnit.SECONDS);
      }
      Map<String, Set<Integer>> got = drained(tenant.at(ports.now.tenants()));
      for (int source = 0; source < SOURCES; source++) {
        String prefix = source + " ";
        List<Integer> answered =
            posted.stream()
                .filter(one -> one.startsWith(prefix))
                .map(one -> Integer.parseInt(one.substring(prefix.length())))
                .toList();
        Set<Integer> came = got.getOrDefault("src_" + source, new LinkedHashSet<>());
        assertThat(answered).as("answered with 202 (seed %d)", seed).hasSizeGreaterThan(20);
        assertThat(came).as("seed %d", seed).containsAll(answered);
        assertThat(new ArrayList<>(came)).as("in order, seed %d", seed).isSorted();
      }
      System.out.println(
          posted.size() + " deliveries were answered with 202 over " + KILLS + " kills");
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
      if (batch.head().standing().waiting() == 0) {
        return out;
      }
    }
  }
}

package dev.holdfast.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.wire.relay.Batch;
import dev.holdfast.model.wire.relay.Original;
import dev.holdfast.relay.store.Allowance;
import dev.holdfast.relay.store.Store;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A relay is stopped as an operator stops it, and another process takes its place, while a forge
 * posts and an orchestrator pulls. That a store of an earlier release is read is {@code
 * store.FormerStoreTest}'s.
 */
@NullMarked
class UpdatedRelayTest {
  private static final int BETWEEN = 80;

  @TempDir Path folder;

  @SuppressWarnings("NullAway.Init")
  UpdatedRelayTest() {}

  @Test
  void anotherProcessTakesTheFileOverInTheMiddleAndNothingIsLost() throws Exception {
    String database = folder.resolve("relay.db").toString();
    Tenant tenant;
    var forge = new Forge();
    try (RelayProcess old = relay(database, "old")) {
      tenant = enrolled(database, old);
      forge.start(URI.create(tenant.source("src_1")).getPath(), old);
      forge.await(BETWEEN);
      old.stop();
    }
    try (RelayProcess fresh = relay(database, "fresh")) {
      forge.at(fresh);
      forge.await(BETWEEN);
      forge.stop();
      assertThat(drained(tenant.at(fresh.ports().tenants())))
          .as("in order, each that was answered")
          .isEqualTo(forge.answered());
    }
  }

  /** A post whose body is half there, and a pull that waits. */
  @Test
  void whatIsUnderWayWhenARelayIsStoppedIsAnswered() throws Exception {
    String database = folder.resolve("relay.db").toString();
    try (RelayProcess relay = relay(database, "one")) {
      Tenant tenant = enrolled(database, relay);
      String path = URI.create(tenant.source("src_1")).getPath();
      CompletableFuture<Batch> waiting =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return tenant.pull("p", 10, Duration.ofSeconds(60), List.of());
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              },
              task -> Thread.ofVirtual().start(task));
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), relay.ports().ingress())) {
        socket.setSoTimeout(30_000);
        socket
            .getOutputStream()
            .write(
                ("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nha")
                    .getBytes(UTF_8));
        awaitMemory(relay);
        CompletableFuture<Void> stopped =
            CompletableFuture.runAsync(
                () -> {
                  try {
                    relay.stop();
                  } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                },
                task -> Thread.ofVirtual().start(task));
        awaitRefusing(relay);
        socket.getOutputStream().write("lf".getBytes(UTF_8));
        assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8)).contains(" 202 ");
        stopped.get(60, TimeUnit.SECONDS);
      }
      assertThat(waiting.get(10, TimeUnit.SECONDS).head()).isNotNull();
    }
    try (Store store = Store.open(database, InstantSource.system(), Allowance.DEFAULT)) {
      assertThat(store.tenants().list().getFirst().standing().waiting()).isEqualTo(1);
    }
  }

  /** Until it counts the body that is on its way, which it does when the headers are there. */
  private static void awaitMemory(RelayProcess relay) {
    HttpClient http = HttpClient.newHttpClient();
    var metrics =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + relay.ports().operator() + "/metrics"))
            .build();
    Awaitility.await()
        .atMost(Duration.ofSeconds(15))
        .until(() ->
            !http.send(metrics, HttpResponse.BodyHandlers.ofString())
                .body()
                .contains("holdfast_relay_body_memory_bytes 0\n"));
  }

  private static void awaitRefusing(RelayProcess relay) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(15))
        .until(() -> {
          try (var probe = new Socket(InetAddress.getLoopbackAddress(), relay.ports().ingress())) {
            return !probe.isConnected();
          } catch (ConnectException e) {
            return true;
          }
        });
  }

  /** With a balancer that asks the next one where one does not listen, nobody notices at all. */
  @Test
  void twoRelaysAreReplacedOneAfterTheOtherAndNoPostIsRefused() throws Exception {
    try (Postgres postgres = Postgres.start()) {
      String database = postgres.newDatabase();
      var running = new ArrayList<RelayProcess>();
      try {
        running.add(relay(database, "one"));
        running.add(relay(database, "two"));
        Tenant tenant = enrolled(database, running.getFirst());
        var forge = new Forge();
        forge.start(URI.create(tenant.source("src_1")).getPath(), running.get(0), running.get(1));
        for (int i = 0; i < 2; i++) {
          forge.await(BETWEEN);
          // As one does it: out of the balancer, stopped once nothing is on its way to it, the new
          // one
          // in.
          forge.at(running.get(1 - i));
          forge.await(2);
          running.get(i).stop();
          running.set(i, relay(database, "new" + i));
          forge.at(running.get(0), running.get(1));
        }
        forge.await(BETWEEN);
        forge.stop();
        assertThat(forge.refused()).as("neither taken nor passed on to the other").isEmpty();
        assertThat(drained(tenant.at(running.getFirst().ports().tenants())))
            .as("in order, each that was answered")
            .isEqualTo(forge.answered());
      } finally {
        running.forEach(RelayProcess::close);
      }
    }
  }

  private RelayProcess relay(String database, String name) throws Exception {
    Path own = Files.createDirectories(folder.resolve(name));
    return RelayProcess.start(database, own, own.resolve("log"));
  }

  private static Tenant enrolled(String database, RelayProcess relay) throws Exception {
    try (Store store = Store.open(database, InstantSource.system(), Allowance.DEFAULT)) {
      return Tenant.enrolled(
          "http://127.0.0.1:" + relay.ports().tenants(), store.tenants().add("acme").token());
    }
  }

  private static List<Integer> drained(Tenant tenant) throws Exception {
    Set<Integer> out = new LinkedHashSet<>();
    List<String> acks = List.of();
    while (true) {
      Batch batch = tenant.pull("p", 200, Duration.ofMillis(100), acks);
      for (Original original : tenant.open(batch)) {
        out.add(Integer.parseInt(new String(original.body(), UTF_8)));
      }
      acks = Tenant.ids(batch);
      if (batch.head().standing().waiting() == 0) {
        return List.copyOf(out);
      }
    }
  }

  /** Posts one number after the other; again until it is taken, as forges do. */
  private static final class Forge {
    private final HttpClient http = HttpClient.newHttpClient();
    private final CopyOnWriteArrayList<Integer> answered = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<String> refused = new CopyOnWriteArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();
    private volatile List<Integer> ports = List.of();
    private volatile boolean over;
    private CompletableFuture<Void> posting = CompletableFuture.completedFuture(null);

    void at(RelayProcess... relays) {
      ports = List.of(relays).stream().map(relay -> relay.ports().ingress()).toList();
    }

    void start(String path, RelayProcess... relays) {
      at(relays);
      posting =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; !over; i++) {
                  while (!taken(path, i)) {
                    LockSupport.parkNanos(20_000_000);
                  }
                  answered.add(i);
                }
              },
              task -> Thread.ofVirtual().start(task));
    }

    /** Whether it was taken; who does not listen at all is passed over, as by a balancer. */
    private boolean taken(String path, int number) {
      List<Integer> now = ports;
      for (int i = 0; i < now.size(); i++) {
        int port = now.get(Math.floorMod(turn.getAndIncrement(), now.size()));
        try {
          int status = post(port, path, Integer.toString(number));
          if (status == 202) {
            return true;
          }
          refused.add(number + " was answered with " + status);
          return false;
        } catch (ConnectException e) {
          // The next one is asked.
        } catch (IOException e) {
          // Cut off in the middle: it may have been taken, and is posted again.
          refused.add(number + " was cut off: " + e);
          return false;
        }
      }
      refused.add(number + " found nobody");
      return over;
    }

    private int post(int port, String path, String body) throws IOException {
      try {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .timeout(Duration.ofSeconds(20))
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build(),
                HttpResponse.BodyHandlers.discarding())
            .statusCode();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
    }

    void await(int more) {
      int enough = answered.size() + more;
      Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> answered.size() >= enough);
    }

    void stop() throws Exception {
      over = true;
      posting.get(60, TimeUnit.SECONDS);
    }

    List<Integer> answered() {
      return List.copyOf(answered);
    }

    List<String> refused() {
      return List.copyOf(refused);
    }
  }
}

package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Relay and server are killed at random points while a forge posts. {@code
 * -Dholdfast.deliveries=10000} posts as many; {@code -Dholdfast.seed} has the same points again.
 */
class KilledOnBothSidesTest {
  private static final int DELIVERIES = Integer.getInteger("holdfast.deliveries", 240);
  private static final long SEED = Long.getLong("holdfast.seed", System.nanoTime());
  private static final int SENDERS = 8;
  private static final String BODY = "{\"type\": \"start\", \"workflow\": \"ci\"}";

  @TempDir Path folder;
  private final HttpClient forge =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  @Test
  void nothingAcknowledgedIsLostAndNothingRunsTwice() throws Exception {
    System.out.println("seed " + SEED + ", " + DELIVERIES + " deliveries");
    var random = new Random(SEED);
    var repository = TestRepository.create(folder);
    repository
        .write(
            ".holdfast/ci.yaml",
            """
            on: manual
            jobs:
              quick:
                runs-on: nobody
                steps: [{name: x, run: 'true'}]
            """)
        .commit("load");
    try (var relay =
            RelayProcess.start(folder.resolve("relay.db").toString(), folder.resolve("relay"));
        var holdfast =
            Installation.start(
                folder, folder.resolve("server"), List.of("--relay", relay.invitation()))) {
      holdfast.awaitRelay("connected");
      holdfast.addRepository("app", repository);
      repository.push("main");
      Json hook = JsonText.parse(holdfast.cli("repo", "webhook", "app", "--json").ok().out());
      URI address = URI.create(Api.string(hook, "relay"));
      byte[] key =
          Base64.getDecoder().decode(Api.string(hook, "secret").substring("whsec_".length()));

      Set<String> acknowledged = ConcurrentHashMap.newKeySet();
      var next = new AtomicInteger();
      var posts = new AtomicInteger();
      var senders = new ArrayList<Thread>();
      for (int i = 0; i < SENDERS; i++) {
        senders.add(Thread.ofVirtual().start(() -> send(address, key, next, posts, acknowledged)));
      }
      int kills = 0;
      int step = Math.max(40, DELIVERIES / 25);
      for (int at = step; at < DELIVERIES; at += step / 2 + random.nextInt(step)) {
        int enough = at;
        await()
            .atMost(Duration.ofMinutes(5))
            .pollInterval(Duration.ofMillis(5))
            .until(() -> acknowledged.size() >= enough);
        kills++;
        switch (random.nextInt(3)) {
          case 0 -> {
            relay.kill9();
            relay.again();
          }
          case 1 -> {
            holdfast.server().kill9();
            holdfast.restartServer();
          }
          default -> {
            relay.kill9();
            holdfast.server().kill9();
            holdfast.restartServer();
            relay.again();
          }
        }
      }
      for (Thread sender : senders) {
        sender.join();
      }
      assertThat(acknowledged).hasSize(DELIVERIES);
      // Asked for the whole inbox only when nothing is on its way: it is long.
      await()
          .atMost(Duration.ofMinutes(20))
          .pollInterval(Duration.ofMillis(500))
          .until(() -> idle(holdfast) && taken(holdfast) >= DELIVERIES);
      var runsOf = new HashMap<String, List<String>>();
      for (Json event : holdfast.allEvents("app")) {
        if (!Api.string(event, "delivery").startsWith("webhook:")) {
          continue; // the first push
        }
        runsOf.merge(
            Api.string(event, "delivery").substring("webhook:".length()),
            Api.list(event, "workflows").stream().map(w -> Api.string(w, "run")).toList(),
            (a, b) -> {
              throw new AssertionError("a delivery is in the inbox twice");
            });
      }
      assertThat(runsOf.keySet())
          .as("acknowledged")
          .containsExactlyInAnyOrderElementsOf(acknowledged);
      assertThat(runsOf.values()).as("runs of each").allMatch(started -> started.size() == 1);
      assertThat(runsOf.values().stream().flatMap(List::stream).distinct()).hasSize(DELIVERIES);
      assertThat(holdfast.allRuns("app")).as("no other run").hasSize(DELIVERIES);
      assertThat(JsonText.compact(holdfast.api().get("/api/v1/audit?what=relay.refuse").json()))
          .as("refused")
          .doesNotContain("relay.refuse");
      System.out.println("figure: deliveries over kills of relay and server = " + DELIVERIES);
      System.out.println("figure: kills = " + kills + " kills");
      System.out.println("figure: posts that it took = " + posts.get() + " posts");
    }
  }

  /** Whether nothing waits at the relay, as it says, nor in the inbox. */
  private static boolean idle(Installation holdfast) {
    List<String> metrics =
        new Api(holdfast.api().base(), "none").get("/metrics").text().lines().toList();
    return metrics.contains("holdfast_relay_waiting 0.0")
        && metrics.contains("holdfast_events_waiting 0.0");
  }

  private static long taken(Installation holdfast) {
    return holdfast.allEvents("app").stream()
        .filter(event -> Api.string(event, "delivery").startsWith("webhook:"))
        .count();
  }

  /** Posts as forges do, again and again until it is taken. */
  private void send(
      URI address, byte[] key, AtomicInteger next, AtomicInteger posts, Set<String> acknowledged) {
    for (int i = next.getAndIncrement(); i < DELIVERIES; i = next.getAndIncrement()) {
      String id = "msg" + i;
      var request =
          HttpRequest.newBuilder(address)
              .timeout(Duration.ofSeconds(20))
              .header("Content-Type", "application/json")
              .header("webhook-id", id)
              .header("webhook-timestamp", "1700000000")
              .header("webhook-signature", signature(key, id))
              .POST(HttpRequest.BodyPublishers.ofString(BODY))
              .build();
      while (!acknowledged.contains(id)) {
        try {
          posts.incrementAndGet();
          int status = forge.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
          if (status / 100 == 2) {
            acknowledged.add(id);
          } else if (status / 100 == 4 && status != 429) {
            throw new AssertionError("the relay answered " + status);
          } else {
            Thread.sleep(20); // as a forge waits before it tries again
          }
        } catch (IOException e) {
          pause(); // the relay is gone, as it should be at times
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String signature(byte[] key, String id) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update((id + ".1700000000." + BODY).getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal());
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}

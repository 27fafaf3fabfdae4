package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.wire.relay.RelayApi.Delivery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a relay can do that somebody broke into: it sees what is posted before it seals it, and has
 * the open half of the key. Nothing comes in that the forge did not sign, each refusal is on
 * record, and what the forge signed comes in afterwards.
 */
@SuppressWarnings("NullAway.Init") // set before each
class HostileRelayTest {
  @TempDir Path data;
  private RelayedForge scene;

  @BeforeEach
  void start() throws Exception {
    scene = new RelayedForge(data);
  }

  @AfterEach
  void stop() throws Exception {
    scene.close();
  }

  private RelayDouble.Held honest(String delivery, String after) {
    return scene.honest(scene.app, delivery, RelayedForge.push(7, after));
  }

  /**
   * Hands it over, and sees that it is refused for this reason, is on record and led to nothing.
   */
  private void refused(RelayDouble.Held held, String because) throws Exception {
    int app = scene.events("app");
    int lib = scene.events("lib");
    int before = scene.refusals().size();
    scene.relay.hand(held);
    scene.relay.awaitAcked(held.head().delivery());
    assertThat(scene.refusals()).hasSize(before + 1);
    assertThat(scene.refusals().getLast()).contains(because + ":", held.head().delivery());
    assertThat(scene.events("app")).isEqualTo(app);
    assertThat(scene.events("lib")).isEqualTo(lib);
  }

  @Test
  void alteredAndCutAnywhereItDoesNotOpen() throws Exception {
    int length = honest("probe", "2").sealed().length;
    List<Integer> places = List.of(0, 1, 16, 32, 33, 40, length / 2, length - 17, length - 1);
    for (int i = 0; i < places.size(); i++) {
      refused(honest("alt" + i, "2").altered(places.get(i)), "seal");
    }
    refused(honest("cut1", "2").cut(length - 1), "seal");
    refused(honest("cut2", "2").cut(49), "seal");
    scene.control("honest", "2");
  }

  @Test
  void swappedBetweenSourcesTenantsAndDeliveriesItDoesNotOpen() throws Exception {
    RelayDouble.Held mine = honest("mine", "2");
    Delivery head = mine.head();
    String lib = scene.source(scene.lib);
    refused(
        mine.as(
            new Delivery("mine", lib, head.number(), head.arrived(), head.key(), head.length())),
        "seal");
    refused(
        mine.as(
            new Delivery(
                "other", head.source(), head.number(), head.arrived(), head.key(), head.length())),
        "seal");
    refused(
        mine.as(
            new Delivery(
                "later",
                head.source(),
                head.number(),
                head.arrived().plusSeconds(1),
                head.key(),
                head.length())),
        "seal");
    byte[] body = RelayedForge.push(7, "2");
    refused(
        scene.relay.sealed(
            "tnt-two",
            head.source(),
            "tenant",
            scene.clock.instant(),
            RelayedForge.signed(scene.app.at("secret"), body),
            body),
        "seal");
    scene.control("honest", "2");
  }

  @Test
  void sealedAnewForAnotherSourceItIsNotSignedForThat() throws Exception {
    byte[] body = RelayedForge.push(7, "2");
    Map<String, String> signed = RelayedForge.signed(scene.app.at("secret"), body);
    var now = scene.clock.instant();
    refused(scene.relay.sealed(scene.source(scene.lib), "swapped", now, signed, body), "unsigned");
    refused(scene.relay.sealed("no-such-source", "nowhere", now, signed, body), "no-source");
    scene.control("honest", "2");
  }

  @Test
  void inventedItIsNotSigned() throws Exception {
    byte[] body = RelayedForge.push(7, "2");
    String source = scene.source(scene.app);
    var now = scene.clock.instant();
    refused(
        scene.relay.sealed(source, "bare", now, Map.of("x-github-event", "push"), body),
        "unsigned");
    refused(
        scene.relay.sealed(source, "guess", now, RelayedForge.signed("x".repeat(43), body), body),
        "unsigned");
    byte[] other = RelayedForge.push(7, "3");
    refused(
        scene.relay.sealed(
            source, "overheard", now, RelayedForge.signed(scene.app.at("secret"), body), other),
        "unsigned");
    refused(
        scene.relay.sealed(
            source,
            "kind",
            now,
            Map.of(
                "x-github-event",
                "pull_request",
                "x-hub-signature-256",
                RelayedForge.signed(scene.app.at("secret"), body)
                    .getOrDefault("x-hub-signature-256", "")),
            body),
        "unreadable");
    scene.control("honest", "2");
  }

  @Test
  void replayedAndDuplicatedItComesInOnce() throws Exception {
    RelayDouble.Held first = honest("first", "2");
    scene.relay.hand(first, first, first);
    scene.relay.awaitAcked("first", 3);
    byte[] body = RelayedForge.push(7, "2");
    Map<String, String> headers =
        new java.util.HashMap<>(RelayedForge.signed(scene.app.at("secret"), body));
    headers.put("x-github-delivery", "made-up");
    for (int i = 0; i < 5; i++) {
      scene.clock.pass(Duration.ofHours(20));
      scene.relay.hand(
          scene.relay.sealed(
              scene.source(scene.app), "replay" + i, scene.clock.instant(), headers, body));
      scene.relay.awaitAcked("replay" + i);
    }
    scene.stage.restart();
    scene.relay.hand(first);
    scene.control("honest", "3");
    assertThat(scene.events("app")).as("the first, and the control's").isEqualTo(2);
  }

  @Test
  void anOldOneAfterTheSecretWasChangedIsRefused() throws Exception {
    RelayDouble.Held kept = honest("kept", "2");
    byte[] body = RelayedForge.push(7, "3");
    Map<String, String> signed = RelayedForge.signed(scene.app.at("secret"), body);
    var rotated =
        scene
            .stage
            .admin()
            .post("/api/v1/repositories/app/webhook-secret", "{\"overlap-seconds\": 60}");
    assertThat(rotated.at("relay")).as("the address stays").isEqualTo(scene.app.at("relay"));
    scene.clock.pass(Duration.ofMinutes(2));
    refused(kept, "unsigned");
    refused(
        scene.relay.sealed(scene.source(scene.app), "anew", scene.clock.instant(), signed, body),
        "unsigned");
    scene.relay.hand(scene.honest(rotated, "honest", RelayedForge.push(7, "3")));
    scene.relay.awaitAcked("honest");
    assertThat(scene.events("app")).as("the control").isEqualTo(1);
  }

  @Test
  void withheldForWeeksOrFromTheFutureItIsRefused() throws Exception {
    RelayDouble.Held kept = honest("kept", "2");
    byte[] body = RelayedForge.push(7, "2");
    refused(
        scene.relay.sealed(
            scene.source(scene.app),
            "future",
            scene.clock.instant().plus(Duration.ofDays(1)),
            RelayedForge.signed(scene.app.at("secret"), body),
            body),
        "time");
    scene.clock.pass(Duration.ofDays(15));
    refused(kept, "time");
    scene.control("honest", "2");
  }

  @Test
  void delayedReorderedAndWithSomeDroppedTheOthersComeIn() throws Exception {
    List<RelayDouble.Held> all =
        IntStream.range(2, 10).mapToObj(i -> honest("d" + i, Integer.toString(i))).toList();
    scene.clock.pass(Duration.ofDays(2));
    for (RelayDouble.Held one : all.reversed()) {
      if (!one.head().delivery().equals("d5")) {
        scene.relay.hand(one);
      }
    }
    scene.relay.awaitAcked("d2");
    assertThat(scene.events("app")).isEqualTo(7);
    assertThat(scene.refusals()).isEmpty();
  }

  @Test
  void sealedToNoKeyOfOursItIsRefused() throws Exception {
    RelayDouble.Held held = honest("d1", "2");
    Delivery head = held.head();
    refused(
        held.as(
            new Delivery(
                "d1",
                head.source(),
                head.number(),
                head.arrived(),
                "0123456789abcdef",
                head.length())),
        "no-key");
    scene.control("honest", "2");
  }

  @Test
  void signedNonsenseIsRefusedAndDoesNotStandInTheWay() throws Exception {
    byte[] nonsense = "{\"zen\": 1}".getBytes(StandardCharsets.UTF_8);
    refused(scene.honest(scene.app, "nonsense", nonsense), "unreadable");
    refused(scene.honest(scene.app, "other", RelayedForge.push(8, "2")), "not-ours");
    byte[] huge = new byte[9 * 1024 * 1024];
    refused(scene.honest(scene.app, "huge", huge), "unreadable");
    scene.control("honest", "2");
  }

  @Test
  void whoFloodsDoesNotFillTheRecord() throws Exception {
    byte[] body = RelayedForge.push(7, "2");
    for (int i = 0; i < 150; i++) {
      scene.relay.hand(
          scene.relay.sealed(
              scene.source(scene.app), "flood" + i, scene.clock.instant(), Map.of(), body));
    }
    scene.relay.awaitAcked("flood149");
    assertThat(scene.refusals()).hasSize(100);
    scene.clock.pass(Duration.ofMinutes(2));
    refused(
        scene.relay.sealed(scene.source(scene.app), "after", scene.clock.instant(), Map.of(), body),
        "unsigned",
        2);
    assertThat(scene.refusals().get(100)).contains("unsigned=50");
    assertThat(scene.stage.caller("nobody").get("/metrics").text())
        .contains("holdfast_relay_deliveries_total{became=\"unsigned\"} 151");
    scene.control("honest", "2");
  }

  private void refused(RelayDouble.Held held, String because, int entries) throws Exception {
    int before = scene.refusals().size();
    scene.relay.hand(held);
    scene.relay.awaitAcked(held.head().delivery());
    assertThat(scene.refusals()).hasSize(before + entries);
    assertThat(scene.refusals().getLast()).contains(because + ":", held.head().delivery());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nothing",
        "garbage",
        "lengths",
        "html",
        "error",
        "redirect",
        "huge",
        "more",
        "cut"
      })
  void whateverItAnswersTheLineGoesOn(String kind) throws Exception {
    var elsewhere = new AtomicInteger();
    scene.forge.createContext(
        "/elsewhere",
        exchange -> {
          try (exchange) {
            elsewhere.incrementAndGet();
            exchange.sendResponseHeaders(200, -1);
          }
        });
    String away = "http://127.0.0.1:" + scene.forge.getAddress().getPort() + "/elsewhere";
    List<RelayDouble.Held> many =
        IntStream.range(0, 400).mapToObj(i -> honest("m" + i, "f")).toList();
    scene.relay.lie(
        Optional.of(exchange -> {
          switch (kind) {
            case "nothing" -> {
              // The connection ends without a word.
            }
            case "garbage" -> bytes(exchange, "{}{}{}".getBytes(StandardCharsets.UTF_8));
            case "lengths" -> bytes(exchange, new byte[] {127, -1, -1, -1, 0});
            case "html" -> {
              exchange.getResponseHeaders().set("Content-Type", "text/html");
              exchange.sendResponseHeaders(200, 4);
              exchange.getResponseBody().write("<hr>".getBytes(StandardCharsets.UTF_8));
            }
            case "error" -> exchange.sendResponseHeaders(500, -1);
            case "redirect" -> {
              exchange.getResponseHeaders().set("Location", away);
              exchange.sendResponseHeaders(307, -1);
            }
            case "huge" -> {
              type(exchange);
              exchange.sendResponseHeaders(200, 0);
              byte[] block = new byte[1024 * 1024];
              try {
                for (int i = 0; i < 200; i++) {
                  exchange.getResponseBody().write(block);
                }
              } catch (IOException e) {
                return; // as it should be: nobody reads on
              }
            }
            case "more" -> scene.relay.send(exchange, many);
            case "cut" -> {
              type(exchange);
              exchange.sendResponseHeaders(200, 100);
              exchange.getResponseBody().write(0);
              exchange.getResponseBody().flush();
            }
            default -> throw new AssertionError(kind);
          }
        }));
    scene.awaitState("away");
    int pulls = scene.relay.pulls();
    await().atMost(Duration.ofSeconds(30)).until(() -> scene.relay.pulls() > pulls);
    assertThat(scene.events("app")).isZero();
    assertThat(elsewhere).as("redirects that were followed").hasValue(0);
    scene.relay.lie(Optional.empty());
    scene.control("honest", "2");
    scene.awaitState("connected");
  }

  @Test
  void whoAnswersAtOnceThatThereIsNothingIsNotAskedAtOnceAgain() throws Exception {
    scene.relay.lie(Optional.of(exchange -> scene.relay.send(exchange, List.of())));
    int before = scene.relay.pulls();
    // A second of a relay that never waits: some ten calls, where there could be thousands.
    await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
    assertThat(scene.relay.pulls() - before).isLessThan(20);
    scene.relay.lie(Optional.empty());
    scene.control("honest", "2");
  }

  private static void type(com.sun.net.httpserver.HttpExchange exchange) {
    exchange.getResponseHeaders().set("Content-Type", dev.holdfast.model.wire.relay.Batch.TYPE);
  }

  private static void bytes(com.sun.net.httpserver.HttpExchange exchange, byte[] bytes)
      throws IOException {
    type(exchange);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}

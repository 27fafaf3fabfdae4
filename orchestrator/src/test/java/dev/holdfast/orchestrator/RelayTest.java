package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks by an honest relay. */
@SuppressWarnings("NullAway.Init") // set before each
class RelayTest {
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

  @Test
  void whatTheForgeSignedComesInOnceAndIsAcknowledgedOnceItIsOnDisk() throws Exception {
    scene.control("d1", "2");
    scene.control("d2", "3");
    assertThat(scene.refusals()).isEmpty();
    scene.stage.restart();
    scene.awaitState("connected");
    scene.control("d3", "4");
    assertThat(scene.events("app")).isEqualTo(3);
    assertThat(scene.stage.admin().get("/api/v1/relay").text())
        .contains("\"tenant\":\"" + RelayDouble.TENANT + "\"", "\"sources\":2", "\"dropped\":7");
    assertThat(scene.stage.caller("nobody").get("/metrics").text())
        .contains(
            "holdfast_relay_connected 1.0",
            "holdfast_relay_deliveries_total{became=\"taken\"} 1.0");
  }

  @Test
  void nothingSecretIsKeptReadable() throws Exception {
    scene.control("d1", "2");
    List<String> secrets =
        new ArrayList<>(
            List.of(
                scene.relay.credentials.getFirst(),
                scene.relay.invitation().split("#", 2)[1],
                scene.app.at("relay").substring(scene.app.at("relay").lastIndexOf('/') + 1),
                scene.app.at("secret")));
    var found = new ArrayList<String>();
    try (var files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        secrets.stream().filter(text::contains).forEach(one -> found.add(file + ": " + one));
        // The control: what is not secret is found, so this looks where they would be.
        if (text.contains(scene.relay.keys.getFirst().value())) {
          found.add("control");
        }
      }
    }
    assertThat(found).contains("control").allMatch("control"::equals);
  }

  @Test
  void whoseEnrolmentWasTakenAndNotAnsweredEnrolsWithTheSame(@TempDir Path other) throws Exception {
    try (var relay = new RelayDouble();
        var stage = new Stage(other, new ManualClock())) {
      relay.loseEnrolment();
      stage.restart(relay.invitation());
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() ->
              assertThat(stage.admin().get("/api/v1/relay").text())
                  .contains("\"state\":\"connected\""));
      assertThat(relay.credentials).hasSize(2);
      assertThat(relay.credentials.getFirst()).isEqualTo(relay.credentials.getLast());
    }
  }

  @Test
  void whatCannotBeDealtWithStaysAtTheRelayInOrderAndOthersGoOn() throws Exception {
    scene.stage.repository("plain");
    var plain =
        scene
            .stage
            .admin()
            .post("/api/v1/repositories/plain/webhook-secret", "{\"overlap-seconds\": 0}");
    scene.stage.forge.away(true);
    scene.relay.hand(started(plain, "m1"), started(plain, "m2"), started(plain, "m3"));
    scene.relay.hand(scene.honest(scene.app, "push", RelayedForge.push(7, "2")));
    scene.relay.awaitAcked("push");
    assertThat(scene.events("app")).as("of another source").isEqualTo(1);
    assertThat(scene.relay.acked).doesNotContain("m1", "m2", "m3");
    assertThat(scene.events("plain")).isZero();
    scene.stage.forge.away(false);
    scene.relay.awaitAcked("m3");
    assertThat(scene.relay.acked).containsSubsequence("m1", "m2", "m3");
    assertThat(scene.events("plain")).isEqualTo(3);
    assertThat(scene.refusals()).isEmpty();
  }

  @Test
  void whatCannotBeDealtWithForAnHourLetsOthersGoOnAndIsOnRecord() throws Exception {
    scene.stage.repository("plain");
    var plain =
        scene
            .stage
            .admin()
            .post("/api/v1/repositories/plain/webhook-secret", "{\"overlap-seconds\": 0}");
    scene.stage.forge.away(true);
    scene.relay.hand(started(plain, "m1"));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> scene.relay.pulls() > 0 && tried(scene.relay.pulls() + 2));
    scene.clock.pass(Duration.ofMinutes(61));
    scene.relay.awaitAcked("m1");
    assertThat(scene.refusals().getLast()).contains("stuck:", "away");
  }

  private boolean tried(int pulls) throws InterruptedException {
    await().atMost(Duration.ofSeconds(30)).until(() -> scene.relay.pulls() >= pulls);
    return true;
  }

  /** A signed webhook for plain git that starts a workflow. */
  private RelayDouble.Held started(Caller.Answer of, String id) throws Exception {
    byte[] body = "{\"type\": \"start\", \"workflow\": \"ci\"}".getBytes(StandardCharsets.UTF_8);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(
        new SecretKeySpec(
            Base64.getDecoder().decode(of.at("secret").substring("whsec_".length())),
            "HmacSHA256"));
    mac.update((id + ".1700000000.").getBytes(StandardCharsets.UTF_8));
    return scene.relay.sealed(
        scene.source(of),
        id,
        scene.clock.instant(),
        Map.of(
            "webhook-id",
            id,
            "webhook-timestamp",
            "1700000000",
            "webhook-signature",
            "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))),
        body);
  }

  @Test
  void aNewKeyTakesTheOldOnesPlaceAndTheOldOneIsForgotten() throws Exception {
    RelayDouble.Held old = scene.honest(scene.app, "old", RelayedForge.push(7, "2"));
    var rotated = scene.stage.admin().post("/api/v1/relay/key", "");
    assertThat(rotated.status()).as(rotated.text()).isEqualTo(200);
    assertThat(rotated.text()).doesNotContain("problem");
    assertThat(scene.relay.keys).hasSize(2);
    assertThat(scene.relay.keys.getLast().id()).isEqualTo(rotated.at("key"));
    // What was under way is still opened.
    scene.relay.hand(old);
    scene.relay.awaitAcked("old");
    assertThat(scene.events("app")).isEqualTo(1);
    scene.control("new", "3");

    RelayDouble.Held stolen = new RelayDouble.Held(old.head(), old.sealed());
    scene.clock.pass(Duration.ofHours(2));
    scene.stage.admin().post("/api/v1/relay/key", "");
    scene.relay.hand(stolen);
    scene.relay.awaitAcked("old", 2);
    assertThat(scene.refusals().getLast()).contains("no-key:");
    assertThat(scene.events("app")).isEqualTo(2);
  }

  @Test
  void anotherCredentialTakesTheOldOnesPlace() throws Exception {
    var made = scene.stage.admin().post("/api/v1/relay/credential", "{\"overlap-seconds\": 60}");
    assertThat(made.status()).as(made.text()).isEqualTo(200);
    assertThat(made.text()).doesNotContain("problem", "hfrc_");
    assertThat(scene.relay.credentials).hasSize(2).doesNotHaveDuplicates();
    scene.control("d1", "2");
    scene.stage.restart();
    scene.awaitState("connected");
    scene.control("d2", "3");
    assertThat(scene.stage.admin().get("/api/v1/audit?what=relay.credential").text())
        .contains("relay.credential", "60 s")
        .doesNotContain("hfrc_");
  }

  @Test
  void withoutOverlapTheLineGoesOnWithTheNewCredential() throws Exception {
    var made = scene.stage.admin().post("/api/v1/relay/credential", "{\"overlap-seconds\": 0}");
    assertThat(made.text()).doesNotContain("problem");
    // Its long poll began with the old one; it is not taken for a server that was revoked.
    scene.control("d1", "2");
    assertThat(scene.stage.admin().get("/api/v1/relay").text()).contains("\"state\":\"connected\"");
  }

  @Test
  void whoseNewCredentialWasTakenAndNotAnsweredGoesOn() throws Exception {
    scene.relay.loseCredential();
    var made = scene.stage.admin().post("/api/v1/relay/credential", "{\"overlap-seconds\": 0}");
    assertThat(made.text()).contains("problem");
    assertThat(scene.relay.credentials).hasSize(2);
    scene.control("d1", "2");
    assertThat(scene.relay.credentials).as("the same was shown again").hasSize(2);
    assertThat(scene.stage.admin().get("/api/v1/relay").text()).contains("\"state\":\"connected\"");
  }

  @Test
  void aSourceHasAnotherAddressAndTheOneBeforeCountsForAsLongAsWasSaid() throws Exception {
    String source = scene.source(scene.app);
    String before = scene.relay.put(source).secret();
    var made =
        scene
            .stage
            .admin()
            .post("/api/v1/relay/sources/" + source + "/address", "{\"overlap-seconds\": 5}");
    assertThat(made.status()).as(made.text()).isEqualTo(200);
    assertThat(made.text()).doesNotContain("relay-problem");
    assertThat(scene.relay.put(source).secret()).isNotEqualTo(before);
    assertThat(made.at("relay")).endsWith("/in/" + scene.relay.put(source).secret());
    assertThat(scene.relay.put(source).overlap()).isEqualTo(Duration.ofSeconds(5));
    scene.relay.hand(
        scene.relay.sealed(
            source,
            "d1",
            scene.clock.instant(),
            RelayedForge.signed(scene.app.at("secret"), RelayedForge.push(7, "2")),
            RelayedForge.push(7, "2")));
    scene.relay.awaitAcked("d1");
    assertThat(scene.events("app")).as("the webhook's secret stays").isEqualTo(1);
    assertThat(
            scene
                .stage
                .admin()
                .post("/api/v1/relay/sources/rsrc-none/address", "{\"overlap-seconds\": 5}")
                .status())
        .isEqualTo(404);
  }

  @Test
  void theRelayIsToldFromWhereASourceIsPostedTo() throws Exception {
    String source = scene.source(scene.app);
    assertThat(scene.relay.put(source).ranges()).isEmpty();
    var said = ranges(source, "\"192.0.2.0/24\", \"2001:db8::/32\"");
    assertThat(said.status()).as(said.text()).isEqualTo(200);
    assertThat(said.text()).doesNotContain("problem");
    assertThat(scene.relay.put(source).ranges()).containsExactly("192.0.2.0/24", "2001:db8::/32");
    assertThat(scene.stage.admin().get("/api/v1/relay/sources").text())
        .contains("\"repository\":\"app\"", "192.0.2.0/24", "\"known\":true");
    for (String none :
        List.of("192.0.2.0", "192.0.2.0/33", "a.example/8", "::/129", "999.1.1.1/8")) {
      var refused = ranges(source, "\"" + none + "\"");
      assertThat(refused.status()).as(none).isEqualTo(400);
      assertThat(refused.text()).contains("no range of addresses");
    }
    assertThat(scene.relay.put(source).ranges()).as("as they were").hasSize(2);
    assertThat(ranges(source, "").status()).isEqualTo(200);
    assertThat(scene.relay.put(source).ranges()).as("from anywhere again").isEmpty();
  }

  private Caller.Answer ranges(String source, String list) throws Exception {
    return scene
        .stage
        .admin()
        .call(
            "PUT",
            "/api/v1/relay/sources/" + source + "/ranges",
            ("{\"ranges\": [" + list + "]}").getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aRevokedServerSaysSoAndComesBackByAnotherInvitation() throws Exception {
    scene.relay.revoke();
    scene.awaitState("refused");
    assertThat(scene.stage.admin().get("/api/v1/relay").text())
        .contains("revoked", "another invitation");
    assertThat(scene.stage.caller("nobody").get("/metrics").text())
        .contains("holdfast_relay_connected 0.0");
    assertThat(scene.stage.caller("nobody").get("/readyz").status())
        .as("all else goes on")
        .isEqualTo(200);

    scene.stage.restart(scene.relay.another());
    scene.awaitState("connected");
    var now =
        scene
            .stage
            .admin()
            .post("/api/v1/repositories/app/webhook-secret", "{\"overlap-seconds\": 0}");
    assertThat(now.at("relay")).as("another address").isNotEqualTo(scene.app.at("relay"));
    scene.relay.hand(scene.honest(now, "d1", RelayedForge.push(7, "2")));
    scene.relay.awaitAcked("d1");
    assertThat(scene.events("app")).isEqualTo(1);
  }

  @Test
  void theSourceOfARemovedRepositoryGoes() throws Exception {
    RelayDouble.Held late = scene.honest(scene.lib, "late", RelayedForge.push(8, "2"));
    assertThat(scene.relay.sources()).isEqualTo(2);
    scene.stage.admin().call("DELETE", "/api/v1/repositories/lib", new byte[0]);
    scene.stage.admin().post("/api/v1/repositories/app/webhook-secret", "{\"overlap-seconds\": 9}");
    assertThat(scene.relay.sources()).isEqualTo(1);
    scene.relay.hand(late);
    scene.relay.awaitAcked("late");
    assertThat(scene.refusals().getLast()).contains("no-source:");
  }

  @Test
  void whatIsNoRelayIsRefusedAtTheStart() throws Exception {
    assertThatThrownBy(() -> scene.stage.restart("http://relay.example.org#hfre_" + "t".repeat(43)))
        .hasMessageContaining("unencrypted");
    assertThatThrownBy(() -> scene.stage.restart("https://relay.example.org#secret"))
        .hasMessageContaining("no invitation");
    assertThatThrownBy(() -> scene.stage.restart("https://another.example.org"))
        .hasMessageContaining("a tenant of " + scene.relay.url());
    scene.stage.restart("off");
    assertThat(scene.stage.admin().get("/api/v1/relay").status()).isEqualTo(404);
    scene.stage.restart(scene.relay.invitation());
    scene.awaitState("connected");
    scene.stage.restart(scene.relay.url());
    scene.awaitState("connected");
    scene.control("d1", "2");
  }
}

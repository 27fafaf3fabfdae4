package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.json.Json;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A forge with two repositories, an orchestrator that works for them, and a relay in between. */
final class RelayedForge {
  final ManualClock clock = new ManualClock();
  final RelayDouble relay = new RelayDouble();
  final Stage stage;
  final HttpServer forge;
  final Caller.Answer app;
  final Caller.Answer lib;

  RelayedForge(Path data) throws Exception {
    forge = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    // As GitHub answers who asks for one repository; only what Holdfast reads of it.
    forge.createContext(
        "/repos/octo/",
        exchange -> {
          try (exchange) {
            int id = exchange.getRequestURI().getPath().endsWith("/app") ? 7 : 8;
            byte[] body =
                ("{\"id\": " + id + ", \"clone_url\": \"" + api() + "/octo/app.git\"}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    forge.start();
    stage = new Stage(data, clock);
    stage.forge.define(
        new Workflow(
            new Name("ci"),
            List.of(
                new Trigger.Push(List.of(), List.of(), List.of()), new Trigger.Manual(List.of())),
            List.of(Stage.job("test"))));
    stage.restart(relay.invitation());
    awaitState("connected");
    app = add("app");
    lib = add("lib");
  }

  private String api() {
    return "http://127.0.0.1:" + forge.getAddress().getPort();
  }

  private Caller.Answer add(String name) throws Exception {
    var added =
        stage
            .admin()
            .post(
                "/api/v1/forge-repositories",
                """
                {"name": "%s", "kind": "github", "api": "%s", "repository": "octo/%s", "token": "a-token-of-the-forge"}\
                """
                    .formatted(name, api(), name));
    assertThat(added.status()).as(added.text()).isEqualTo(201);
    assertThat(added.text()).doesNotContain("relay-problem");
    return added;
  }

  void awaitState(String state) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() ->
            assertThat(stage.admin().get("/api/v1/relay").text())
                .contains("\"state\":\"" + state + "\""));
  }

  /** The body of a push of the repository that has this number, to {@code after}. */
  static byte[] push(int repository, String after) {
    return """
    {"ref": "refs/heads/topic", "before": "%s", "after": "%s",
     "created": false, "deleted": false, "forced": false,
     "repository": {"id": %d, "full_name": "octo/app"},
     "sender": {"id": 42, "login": "writer", "type": "User"}}
    """
        .formatted("1".repeat(40), after.repeat(40), repository)
        .getBytes(StandardCharsets.UTF_8);
  }

  static Map<String, String> signed(String secret, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return Map.of(
          "x-github-event",
          "push",
          "x-hub-signature-256",
          "sha256=" + HexFormat.of().formatHex(mac.doFinal(body)));
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  String source(Caller.Answer of) {
    return relay.source(of.at("relay"));
  }

  /** What a relay makes of a push that the forge signed with the secret of {@code of}. */
  RelayDouble.Held honest(Caller.Answer of, String delivery, byte[] body) {
    return relay.sealed(source(of), delivery, clock.instant(), signed(of.at("secret"), body), body);
  }

  /** Has a push come by the relay that the forge signed, and sees that it was taken. */
  void control(String delivery, String after) throws Exception {
    int before = events("app");
    relay.hand(honest(app, delivery, push(7, after)));
    relay.awaitAcked(delivery);
    assertThat(events("app"))
        .as("the control: what the forge signed comes in")
        .isEqualTo(before + 1);
  }

  int events(String repository) throws Exception {
    String all =
        stage.admin().get("/api/v1/repositories/" + repository + "/events?limit=1000").text();
    return all.split("\"received\":", -1).length - 1;
  }

  /** The reasons of all refusals on record, oldest first. */
  List<String> refusals() throws Exception {
    var reasons = new ArrayList<String>();
    if (stage.admin().get("/api/v1/audit?what=relay.refuse&limit=1000").json()
            instanceof Json.Obj(var all)
        && all.get("entries") instanceof Json.Arr(var entries)) {
      for (Json entry : entries) {
        if (entry instanceof Json.Obj(var fields)
            && fields.get("reasons") instanceof Json.Arr(var each)) {
          reasons.add(each.toString());
        }
      }
    }
    return reasons;
  }

  void close() throws Exception {
    stage.close();
    relay.close();
    forge.stop(0);
  }
}

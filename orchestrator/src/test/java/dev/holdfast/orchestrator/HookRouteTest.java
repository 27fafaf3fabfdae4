package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks over HTTP: what is signed is taken, once; everything else is not. */
class HookRouteTest {
  private static final long ID = 7;
  private static final String ADD =
      """
      {"name": "%s", "kind": "github", "api": "%s", "repository": "octo/%s", "token": "a-token-of-the-forge"}\
      """;

  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private HttpServer forge;
  private volatile String cloneUrl = "";
  private Stage stage;
  private String hook;
  private String secret;

  @BeforeEach
  void start() throws Exception {
    forge = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    cloneUrl = api() + "/octo/app.git";
    // As GitHub answers who asks for one repository; only what Holdfast reads of it.
    forge.createContext(
        "/repos/octo/",
        exchange -> {
          try (exchange) {
            boolean may =
                "Bearer a-token-of-the-forge"
                    .equals(exchange.getRequestHeaders().getFirst("Authorization"));
            long id = exchange.getRequestURI().getPath().endsWith("/app") ? ID : ID + 1;
            byte[] body =
                ("{\"id\": " + id + ", \"clone_url\": \"" + cloneUrl + "\"}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(may ? 200 : 404, may ? body.length : -1);
            if (may) {
              exchange.getResponseBody().write(body);
            }
          }
        });
    forge.start();
    stage = new Stage(data, clock);
    stage.forge.define(
        new Workflow(
            new Name("ci"),
            List.of(new Trigger.Push(List.of(), List.of(), List.of())),
            List.of(Stage.job("test"))));
    var added =
        stage.admin().post("/api/v1/forge-repositories", ADD.formatted("app", api(), "app"));
    assertThat(added.status()).as(added.text()).isEqualTo(201);
    hook = added.at("hook");
    secret = added.at("secret");
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
    forge.stop(0);
  }

  private URI api() {
    return URI.create("http://127.0.0.1:" + forge.getAddress().getPort());
  }

  private static String push(long repository, String after) {
    return """
    {"ref": "refs/heads/topic", "before": "%s", "after": "%s",
     "created": false, "deleted": false, "forced": false,
     "repository": {"id": %d, "full_name": "octo/app"},
     "sender": {"id": 42, "login": "writer", "type": "User"}}
    """
        .formatted("1".repeat(40), after, repository);
  }

  private static String signature(String body, String secret) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
  }

  private HttpResponse<String> send(String hook, String body, String... headers)
      throws IOException, InterruptedException {
    return stage.client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + stage.port() + hook))
            .headers("X-GitHub-Event", "push")
            .headers(headers.length == 0 ? new String[] {"X-None", "x"} : headers)
            .timeout(Duration.ofSeconds(30))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private int signed(String hook, String body, String secret) throws Exception {
    return send(hook, body, "X-Hub-Signature-256", signature(body, secret)).statusCode();
  }

  private int events() throws Exception {
    String all = stage.admin().get("/api/v1/repositories/app/events?limit=100").text();
    return all.split("\"received\":", -1).length - 1;
  }

  @Test
  void whatIsSignedIsTakenOnce_andOutlivesARestart() throws Exception {
    String body = push(ID, "2".repeat(40));
    assertThat(signed(hook, body, secret)).isEqualTo(202);
    assertThat(signed(hook, body, secret)).as("the same delivery again").isEqualTo(202);
    // The header is not signed: whoever overheard a body could make up a new one.
    assertThat(
            send(
                    hook,
                    body,
                    "X-Hub-Signature-256",
                    signature(body, secret),
                    "X-GitHub-Delivery",
                    "another")
                .statusCode())
        .isEqualTo(202);
    assertThat(events()).isEqualTo(1);
    stage.restart();
    assertThat(signed(hook, body, secret)).as("after a restart").isEqualTo(202);
    assertThat(events()).isEqualTo(1);
    assertThat(signed(hook, push(ID, "3".repeat(40)), secret)).isEqualTo(202);
    assertThat(events()).isEqualTo(2);
  }

  @Test
  void whatIsNotSignedByItsOwnSecretIsRefusedAndLeavesNothing() throws Exception {
    String body = push(ID, "2".repeat(40));
    String good = signature(body, secret);
    assertThat(send(hook, body).statusCode()).as("unsigned").isEqualTo(401);
    assertThat(send(hook, body.replace("22", "23"), "X-Hub-Signature-256", good).statusCode())
        .as("altered")
        .isEqualTo(401);
    assertThat(signed(hook, body, "x".repeat(43))).as("another secret").isEqualTo(401);
    assertThat(send(hook, body, "X-Hub-Signature", good).statusCode())
        .as("the header of SHA-1")
        .isEqualTo(401);
    assertThat(send(hook, body, "X-Hub-Signature-256", good.substring(0, 70)).statusCode())
        .as("a part of a signature")
        .isEqualTo(401);
    assertThat(signed("/hook/AAAAAAAAAAAAAAAAAAAAAA", body, secret))
        .as("an address that is none")
        .isEqualTo(401);

    var other =
        stage.admin().post("/api/v1/forge-repositories", ADD.formatted("lib", api(), "lib"));
    assertThat(other.status()).as(other.text()).isEqualTo(201);
    assertThat(signed(other.at("hook"), body, secret)).as("another's secret").isEqualTo(401);
    assertThat(signed(other.at("hook"), body, other.at("secret")))
        .as("its own secret, about another repository")
        .isEqualTo(422);
    assertThat(signed(hook, "{\"zen\": 1}", secret)).as("signed nonsense").isEqualTo(422);
    assertThat(events()).as("of all that").isZero();
    assertThat(signed(hook, body, secret)).as("the control").isEqualTo(202);
    assertThat(events()).isEqualTo(1);
  }

  @Test
  void anOldSecretCountsForAsLongAsWasSaid() throws Exception {
    var rotated =
        stage
            .admin()
            .post("/api/v1/repositories/app/webhook-secret", "{\"overlap-seconds\": 3600}");
    assertThat(rotated.at("hook")).isEqualTo(hook);
    assertThat(signed(hook, push(ID, "2".repeat(40)), secret)).as("overlap").isEqualTo(202);
    assertThat(signed(hook, push(ID, "3".repeat(40)), rotated.at("secret"))).isEqualTo(202);
    clock.pass(Duration.ofHours(1));
    assertThat(signed(hook, push(ID, "4".repeat(40)), secret)).as("over").isEqualTo(401);
    assertThat(signed(hook, push(ID, "5".repeat(40)), rotated.at("secret"))).isEqualTo(202);
    assertThat(events()).isEqualTo(3);
  }

  @Test
  void aRepositoryThatWasRemovedHasNoWebhook() throws Exception {
    stage.admin().call("DELETE", "/api/v1/repositories/app", new byte[0]);
    assertThat(signed(hook, push(ID, "2".repeat(40)), secret)).isEqualTo(401);
  }

  @Test
  void theTokenGoesNowhereElseAndIsNotKeptReadable() throws Exception {
    cloneUrl = "http://127.0.0.1:1/octo/new.git";
    var elsewhere =
        stage.admin().post("/api/v1/forge-repositories", ADD.formatted("new", api(), "new"));
    assertThat(elsewhere.status()).isEqualTo(400);
    assertThat(elsewhere.text()).contains("elsewhere", "127.0.0.1:1");
    var inTheClear =
        stage
            .admin()
            .post(
                "/api/v1/forge-repositories", ADD.formatted("new", "http://forge.example", "new"));
    assertThat(inTheClear.status()).isEqualTo(400);
    assertThat(inTheClear.text()).contains("unencrypted");
    var twice = stage.admin().post("/api/v1/forge-repositories", ADD.formatted("b", api(), "app"));
    assertThat(twice.status()).as(twice.text()).isEqualTo(400);
    cloneUrl = api() + "/octo/app.git";
    twice = stage.admin().post("/api/v1/forge-repositories", ADD.formatted("b", api(), "app"));
    assertThat(twice.status()).as(twice.text()).isEqualTo(409);
    await()
        .untilAsserted(() -> {
          try (var files = java.nio.file.Files.list(data)) {
            for (Path file :
                files.filter(f -> f.getFileName().toString().startsWith("holdfast.db")).toList()) {
              assertThat(
                      new String(
                          java.nio.file.Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                  .doesNotContain("a-token-of-the-forge")
                  .doesNotContain(secret);
            }
          }
        });
  }

  @Test
  void whatCannotBeReadIsTakenBack() throws Exception {
    stage.forge.away(true);
    var away = stage.admin().post("/api/v1/forge-repositories", ADD.formatted("lib", api(), "lib"));
    assertThat(away.status()).as(away.text()).isEqualTo(400);
    assertThat(stage.admin().get("/api/v1/repositories/lib").status()).isEqualTo(404);
    stage.forge.away(false);
    var back = stage.admin().post("/api/v1/forge-repositories", ADD.formatted("lib", api(), "lib"));
    assertThat(back.status()).as(back.text()).isEqualTo(201);
  }
}

package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signed webhooks of whatever can sign, for plain git. */
@SuppressWarnings("NullAway.Init") // set before each
class PlainHookTest {
  private static final String START =
      "{\"type\": \"start\", \"workflow\": \"ci\", \"inputs\": {\"to\": \"test\"}}";

  @TempDir Path data;
  private Stage stage;
  private String hook;
  private String secret;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, new ManualClock());
    stage.forge.define(
        new Workflow(
            new Name("ci"), List.of(new Trigger.Manual(List.of())), List.of(Stage.job("test"))));
    stage.repository("app");
    rotate(0);
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  private void rotate(int overlap) throws Exception {
    var made =
        stage
            .admin()
            .post(
                "/api/v1/repositories/app/webhook-secret",
                "{\"overlap-seconds\": " + overlap + "}");
    assertThat(made.status()).as(made.text()).isEqualTo(200);
    hook = made.at("hook");
    secret = made.at("secret");
  }

  private static String sign(String secret, String id, String body) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(
        new SecretKeySpec(
            Base64.getDecoder().decode(secret.substring("whsec_".length())), "HmacSHA256"));
    return "v1,"
        + Base64.getEncoder()
            .encodeToString(
                mac.doFinal((id + ".1700000000." + body).getBytes(StandardCharsets.UTF_8)));
  }

  private HttpResponse<String> send(String id, String signature, String body) throws Exception {
    return stage.client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + stage.port() + hook))
            .header("webhook-id", id)
            .header("webhook-timestamp", "1700000000")
            .header("webhook-signature", signature)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> send(String id, String body) throws Exception {
    return send(id, sign(secret, id, body), body);
  }

  private long events() throws Exception {
    return Pattern.compile("\"id\":\"evt_")
        .matcher(stage.admin().get("/api/v1/repositories/app/events").text())
        .results()
        .count();
  }

  @Test
  void whatIsSignedStartsAWorkflowOnce() throws Exception {
    assertThat(send("m1", START).statusCode()).isEqualTo(202);
    assertThat(send("m1", START).statusCode()).as("the same again").isEqualTo(202);
    assertThat(events()).isEqualTo(1);
    assertThat(stage.admin().get("/api/v1/repositories/app/events").text())
        .contains("\"to\":\"test\"");
    assertThat(send("m2", START).statusCode()).isEqualTo(202);
    assertThat(events()).isEqualTo(2);
  }

  @Test
  void whatIsNotSignedSoDoesNothing() throws Exception {
    String good = sign(secret, "m1", START);
    assertThat(send("m2", good, START).statusCode()).as("another id").isEqualTo(401);
    assertThat(send("m1", good, START + " ").statusCode()).as("altered").isEqualTo(401);
    assertThat(send("m1", "v1,AAAA", START).statusCode()).isEqualTo(401);
    String old = secret;
    rotate(0);
    assertThat(send("m1", sign(old, "m1", START), START).statusCode())
        .as("an old secret")
        .isEqualTo(401);
    assertThat(events()).isZero();
    assertThat(send("m1", START).statusCode()).as("control").isEqualTo(202);
  }

  @Test
  void aPushSaysOnlyThatThereIsSomethingToLookAt() throws Exception {
    String lie = "{\"type\": \"push\"}";
    assertThat(send("m1", lie).statusCode()).isEqualTo(202);
    assertThat(stage.looks).hasSize(1);
    assertThat(events()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"type\": \"deploy\"}",
        "{\"type\": \"start\"}",
        "{\"type\": \"start\", \"workflow\": \"no such name!\"}",
        "{\"type\": \"start\", \"workflow\": \"ci\", \"ref\": \"no-such-branch\"}",
        "{\"type\": \"push\", \"commit\": \"abc\"}"
      })
  void whatIsSignedAndMeansNothingIsRefused(String body) throws Exception {
    assertThat(send("m1", body).statusCode()).isEqualTo(422);
    assertThat(events()).isZero();
  }
}

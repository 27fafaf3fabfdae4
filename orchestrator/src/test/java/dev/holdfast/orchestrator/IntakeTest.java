package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events that cannot be processed, come twice, or are bad; and what a client may send. */
class IntakeTest {
  @TempDir Path data;
  private Stage stage;
  private Caller admin;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data.resolve("one"), Clock.systemUTC());
    stage.repository("app");
    admin = stage.admin();
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  private Caller.Answer begin() throws Exception {
    return admin.post(
        "/api/v1/repositories/app/events", "{\"workflow\": \"ci\", \"ref\": \"main\"}");
  }

  @Test
  void aDefinitionThatCannotBeReadIsARunThatFailedAndSaysWhy() throws Exception {
    stage.forge.define("ci.json", "{\"name\": 7}");
    String run = stage.run("app", "ci");
    Caller.Answer shown = admin.get("/api/v1/runs/" + run);
    assertThat(shown.at("state")).isEqualTo("failed");
    assertThat(shown.at("reason")).startsWith(".holdfast/ci.json: ");
    assertThat(admin.post("/api/v1/runs/" + run + "/rerun", "{\"failed-only\": false}").text())
        .contains("has no jobs");
  }

  @Test
  void aForgeThatIsAwayKeepsTheEventAndSaysSo() throws Exception {
    stage.forge.define(Stage.workflow("ci", Stage.job("test")));
    assertThat(begin().status()).isEqualTo(202);
    String first =
        await().until(() -> admin.get("/api/v1/runs").text(), text -> text.contains("\"id\""));
    assertThat(first).contains("\"number\":1");
    stage.forge.away(true);
    assertThat(begin().status()).as("a manual start needs the forge").isEqualTo(503);
    assertThat(begin().text()).contains("it is away");
  }

  @Test
  void anEventThatWaitsSurvivesACrashAndMakesOneRun() throws Exception {
    stage.forge.define(Stage.workflow("ci", Stage.job("test")));
    // The forge goes away between the answer and the processing.
    stage.forge.definitionsAway();
    assertThat(begin().status()).isEqualTo(202);
    await()
        .untilAsserted(() ->
            assertThat(admin.get("/api/v1/repositories/app/events").at("events.0.error"))
                .contains("it is away"));
    assertThat(admin.get("/api/v1/repositories/app/events").at("events.0.state"))
        .isEqualTo("received");

    Path copy = Files.createDirectories(data.resolve("two"));
    for (String file : new String[] {"holdfast.db", "holdfast.db-wal", "admin-token"}) {
      Files.copy(data.resolve("one").resolve(file), copy.resolve(file));
    }
    // A database opens with its keys alone.
    Path keys = Files.createDirectory(copy.resolve("keys"));
    try (var all = Files.newDirectoryStream(data.resolve("one/keys"))) {
      for (Path key : all) {
        Files.copy(key, keys.resolve(key.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    for (int start = 0; start < 2; start++) {
      try (Stage again =
          new Stage(copy, Clock.systemUTC(), Stage.workflow("ci", Stage.job("test")))) {
        await()
            .atMost(Duration.ofSeconds(10))
            .untilAsserted(() ->
                assertThat(
                        again.admin().get("/api/v1/repositories/app/events").at("events.0.state"))
                    .isEqualTo("done"));
        assertThat(again.admin().get("/api/v1/runs").text().split("\"number\":")).hasSize(2);
      }
    }
  }

  @Test
  void badRequestsGetOneClearLineAndNoTrace() throws Exception {
    assertRefused(admin.post("/api/v1/repositories", "{\"name\": \"x\"}"), 400, "url");
    assertRefused(admin.post("/api/v1/repositories", "nonsense"), 400, "is not valid JSON");
    assertRefused(
        admin.post("/api/v1/repositories", "{\"name\": \"x\", \"url\": \"ext::sh -c id\"}"),
        400,
        "expected an absolute path");
    assertRefused(
        admin.post("/api/v1/repositories", "{\"name\": \"--x\", \"url\": \"/x\"}"), 400, "name");
    assertRefused(
        admin.post("/api/v1/repositories", "{\"name\": \"app\", \"url\": \"/y\"}"), 409, "taken");
    assertRefused(
        admin.post(
            "/api/v1/repositories/app/events",
            "{\"workflow\": \"ci\", \"ref\": \"--upload-pack=x\"}"),
        404,
        "no branch or tag");
    assertRefused(
        admin.post("/api/v1/repositories/app/events", "{\"workflow\": \"ci\", \"ref\": \"a b\"}"),
        400,
        "ref");
    assertRefused(admin.get("/api/v1/runs/run_none"), 404, "there is no run run_none");
    assertRefused(admin.get("/api/v1/runs/run_none/wait?timeout=1"), 404, "there is no run");
    assertRefused(admin.get("/api/v1/runs?limit=0"), 400, "limit");
    assertRefused(admin.get("/api/v1/attempts/att_none/log"), 404, "there is no attempt");
    assertRefused(admin.get("/nothing/here"), 404, "nothing at this address");
    assertRefused(admin.post("/healthz", ""), 405, "");
    assertRefused(
        admin.call("POST", "/api/v1/repositories", new byte[9 * 1024 * 1024]), 413, "8 MiB");
    assertThat(admin.call("HEAD", "/healthz", new byte[0]).status()).isEqualTo(200);
  }

  private static void assertRefused(Caller.Answer answer, int status, String part) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.at("error")).contains(part).doesNotContain("\n").doesNotContain("at dev.");
  }
}

package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.run.Outcome;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody sees who may see one repository, and what they see of others. */
class SeenTest {
  @TempDir Path data;
  private Stage stage;

  @BeforeEach
  void open() throws Exception {
    stage = new Stage(data, Clock.systemUTC(), Stage.workflow("ci", Stage.job("build")));
    stage.repository("here");
    stage.repository("there");
    assertThat(stage.admin().post("/api/v1/users", "{\"name\": \"ann\"}").status()).isEqualTo(201);
  }

  @AfterEach
  void close() throws Exception {
    stage.close();
  }

  private Caller ann() throws Exception {
    return stage.caller(
        stage.admin().post("/api/v1/tokens", "{\"name\": \"t\", \"user\": \"ann\"}").at("token"));
  }

  private void grant(String what, String repository) throws Exception {
    var granted =
        stage
            .admin()
            .post(
                "/api/v1/grants",
                "{\"to\": \"ann\", \"what\": \""
                    + what
                    + "\", \"repository\": \""
                    + repository
                    + "\"}");
    assertThat(granted.status()).as(granted.text()).isEqualTo(201);
  }

  @Test
  void listsHoldOnlyWhatTheCallerMaySee() throws Exception {
    String here = stage.run("here", "ci");
    String there = stage.run("there", "ci");
    grant("viewer", "here");
    Caller ann = ann();
    assertThat(ann.get("/api/v1/runs").text()).contains(here).doesNotContain(there);
    assertThat(stage.admin().get("/api/v1/runs").text()).contains(here, there);
    assertThat(ann.get("/api/v1/runs?repository=there").text()).doesNotContain(there);
    assertThat(ann.get("/api/v1/repositories").text())
        .contains("\"here\"")
        .doesNotContain("\"there\"");
    grant("viewer", "there");
    assertThat(ann.get("/api/v1/runs").text()).contains(here, there);
  }

  @Test
  void whoMayNotLookLearnsNotWhetherThereIsSomething() throws Exception {
    String there = stage.run("there", "ci");
    grant("viewer", "here");
    Caller ann = ann();
    assertThat(ann.get("/api/v1/repositories/there").text())
        .isEqualTo(ann.get("/api/v1/repositories/nowhere").text());
    assertThat(ann.get("/api/v1/runs/" + there).text())
        .isEqualTo(ann.get("/api/v1/runs/run_none").text());
    assertThat(ann.get("/api/v1/runs?repository=there").text())
        .isEqualTo(ann.get("/api/v1/runs?repository=nowhere").text().replace("nowhere", "there"));
    assertThat(
            ann.post("/api/v1/tokens", "{\"name\": \"t\", \"repository\": \"there\"}")
                .text()
                .replace("there", "nowhere"))
        .contains("no repository nowhere")
        .isEqualTo(
            ann.post("/api/v1/tokens", "{\"name\": \"t\", \"repository\": \"nowhere\"}")
                .text()
                .replace("there", "nowhere"));
    assertThat(stage.admin().get("/api/v1/repositories/nowhere").status()).isEqualTo(404);
  }

  /** The label "scope" is what a leaked token is worth. */
  @Test
  void aTokenOfNarrowScopeSaysWhatItLacks() throws Exception {
    grant("developer", "here");
    String secret =
        ann().post("/api/v1/tokens", "{\"name\": \"t\", \"scope\": [\"view\"]}").at("token");
    Caller narrow = stage.caller(secret);
    assertThat(narrow.get("/api/v1/repositories/here").status()).isEqualTo(200);
    var refused =
        narrow.post("/api/v1/repositories/here/events", "{\"workflow\": \"ci\", \"inputs\": {}}");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.at("error"))
        .isEqualTo(
            "this needs the permission start-runs in that repository, which you have and this"
                + " token does not; make one that has it: holdfast token make --scope start-runs");
    assertThat(
            ann()
                .post("/api/v1/repositories/here/events", "{\"workflow\": \"ci\", \"inputs\": {}}")
                .status())
        .isEqualTo(202);
  }

  @Test
  void aDisabledUsersTokenStopsAtOnceAlsoWhereItIsReading() throws Exception {
    grant("viewer", "here");
    Caller ann = ann();
    Caller agent = stage.agent("agent");
    var registered = agent.register("agent", 1);
    stage.run("here", "ci");
    var lease = agent.lease(registered.agent(), 1, Duration.ofSeconds(30)).getFirst();
    agent.log(lease, 0, "first\n");
    var following =
        stage.client.send(
            HttpRequest.newBuilder(
                    URI.create(
                        "http://127.0.0.1:"
                            + stage.port()
                            + "/api/v1/attempts/"
                            + lease.attempt()
                            + "/log?follow=true"))
                .header("Authorization", "Bearer " + ann.token())
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertThat(new String(following.body().readNBytes(6), StandardCharsets.UTF_8))
        .isEqualTo("first\n");

    assertThat(stage.admin().post("/api/v1/users/ann/disable", "").status()).isEqualTo(200);
    var refused = ann.get("/api/v1/whoami");
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.text()).contains("was disabled");
    agent.log(lease, 6, "second\n");
    assertThat(following.body().readAllBytes()).as("and nothing more").isEmpty();
    agent.complete(lease, new Outcome.Succeeded());
    assertThat(stage.admin().get("/api/v1/attempts/" + lease.attempt() + "/log").text())
        .contains("second");

    assertThat(stage.admin().post("/api/v1/users/ann/enable", "").status()).isEqualTo(200);
    assertThat(ann.get("/api/v1/whoami").at("user.name")).isEqualTo("ann");
  }
}

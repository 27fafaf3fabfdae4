package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.audit.LogCheck;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people do is on record, or does not happen. */
class AuditTest {
  private static final Repository.Host FORGE =
      new Repository.Host(Repository.Kind.GITHUB, URI.create("http://127.0.0.1:1"));
  private static final Contributor STRANGER = new Contributor(FORGE.name(), "666", "stranger");

  @TempDir Path data;
  private final ManualClock clock = new ManualClock();
  private Stage stage;
  private String repository;

  @BeforeEach
  void start() throws Exception {
    stage = new Stage(data, clock);
    stage.forge.define(
        new Workflow(
            new Name("ci"),
            List.of(new Trigger.PullRequest(List.of(), List.of(), List.of())),
            List.of(Stage.job("test"))));
    repository = stage.atForge("app", FORGE, 7, ScriptedForge.COMMIT);
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  private String held() {
    stage.deliver(
        new Event(
            "d" + System.nanoTime(),
            repository,
            clock.instant(),
            Optional.of(STRANGER),
            new Happening.PullRequest(
                5,
                PullRequestAction.OPENED,
                new RefName("main"),
                ScriptedForge.COMMIT,
                new RefName("topic"),
                new CommitId("2".repeat(40)),
                true)),
        List.of(new Lookup.Known<>(STRANGER)));
    return await()
        .until(
            () -> {
              var holds = stage.admin().get("/api/v1/holds");
              return holds.text().contains("hold_") ? holds.at("holds.0.id") : "";
            },
            id -> !id.isEmpty());
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:sqlite:" + data.resolve(Database.FILE) + "?busy_timeout=10000");
        Statement made = connection.createStatement()) {
      made.execute(statement);
    }
  }

  @Test
  void whatWaitedAndWhoReleasedItIsOnRecord() throws Exception {
    String hold = held();
    String run = stage.admin().get("/api/v1/holds/" + hold).at("run");
    assertThat(stage.admin().post("/api/v1/holds/" + hold + "/approve", "{}").status())
        .isEqualTo(200);

    String all = stage.admin().get("/api/v1/audit?on=" + run).text();
    assertThat(all)
        .contains("\"hold.place\"")
        .contains("the commits come from a fork")
        .contains("\"hold.approve\"")
        .contains("\"hold.release\"")
        .contains("127.0.0.1");
    var released = stage.admin().get("/api/v1/audit?what=hold.approve");
    assertThat(released.at("entries.0.name")).isEqualTo("admin");
    assertThat(released.at("entries.0.subject")).isEqualTo(hold);
    assertThat(released.at("entries.0.outcome")).isEqualTo("done");
    assertThat(stage.admin().get("/api/v1/audit?what=hold").text()).contains("hold.place");
    assertThat(stage.admin().get("/api/v1/audit?who=nobody").text()).doesNotContain("hold");
    assertThat(stage.admin().get("/api/v1/audit?since=2999-01-01T00:00:00Z").text())
        .doesNotContain("hold");
  }

  @Test
  void whoAsksForWhatTheyMayNotIsOnRecordOnceAMinute() throws Exception {
    stage.admin().post("/api/v1/users", "{\"name\": \"eve\"}");
    Caller eve =
        stage.caller(
            stage
                .admin()
                .post("/api/v1/tokens", "{\"name\": \"t\", \"user\": \"eve\"}")
                .at("token"));
    for (int i = 0; i < 20; i++) {
      assertThat(eve.get("/api/v1/agents").status()).isEqualTo(403);
    }
    assertThat(eve.get("/api/v1/users").status()).isEqualTo(403);
    String all = stage.admin().get("/api/v1/audit?who=eve").text();
    assertThat(all.split("\"needs view\"", -1)).as("twenty times one").hasSize(2);
    assertThat(all).contains("\"needs manage-users\"").contains("\"refused\"");
  }

  @Test
  void whatCannotBePutOnRecordDoesNotHappen() throws Exception {
    String hold = held();
    sql("CREATE TRIGGER no_more BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no space'); END");
    assertThat(stage.admin().post("/api/v1/holds/" + hold + "/approve", "{}").status())
        .isEqualTo(500);
    assertThat(stage.admin().get("/api/v1/holds/" + hold).at("state")).isEqualTo("held");
    assertThat(stage.admin().get("/api/v1/holds/" + hold).text()).doesNotContain("\"approvals\"");
    assertThat(stage.admin().post("/api/v1/users", "{\"name\": \"eve\"}").status()).isEqualTo(500);
    assertThat(stage.admin().get("/api/v1/users").text()).doesNotContain("eve");

    sql("DROP TRIGGER no_more");
    assertThat(stage.admin().post("/api/v1/holds/" + hold + "/approve", "{}").status())
        .isEqualTo(200);
    assertThat(stage.admin().get("/api/v1/holds/" + hold).at("state")).isEqualTo("released");
  }

  @Test
  void whatIsOnRecordIsVouchedForWhileTheServerRuns() throws Exception {
    held();
    await()
        .untilAsserted(() -> {
          var checked = LogCheck.of(data, Optional.empty(), Optional.empty());
          assertThat(checked.findings()).isEmpty();
          assertThat(checked.vouched()).isPositive().isEqualTo(checked.entries());
        });
  }
}

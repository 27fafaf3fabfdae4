package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workflows that the clock starts. */
class ScheduleTest {
  @TempDir Path data;
  private final ManualClock clock = new ManualClock();

  private static Workflow at(String cron) {
    return new Workflow(
        new Name("nightly"), List.of(new Trigger.Schedule(cron)), List.of(Stage.job("sweep")));
  }

  private static long runs(Stage stage) throws Exception {
    return stage.admin().get("/api/v1/runs").text().split("\"number\":", -1).length - 1L;
  }

  private void untilKnown() {
    await()
        .until(() -> {
          try (var connection =
                  DriverManager.getConnection("jdbc:sqlite:" + data.resolve("holdfast.db"));
              var found = connection.createStatement().executeQuery("SELECT 1 FROM schedule")) {
            return found.next();
          }
        });
  }

  @Test
  void aWorkflowStartsWhenItsTimeComes_andNotBefore() throws Exception {
    try (var stage = new Stage(data, clock)) {
      stage.forge.define(at("0 4 * * *"));
      stage.repository("app");
      untilKnown();
      clock.pass(Duration.ofHours(3));
      Thread.sleep(1500);
      assertThat(runs(stage)).isZero();
      clock.pass(Duration.ofHours(1));
      await().until(() -> runs(stage) == 1);
      assertThat(stage.admin().get("/api/v1/repositories/app/events").text())
          .contains("schedule:nightly:2026-01-01T04:00:00Z");
      clock.pass(Duration.ofHours(24));
      await().until(() -> runs(stage) == 2);
    }
  }

  @Test
  void whatWasMissedWhileAway_happensOnce() throws Exception {
    try (var stage = new Stage(data, clock)) {
      stage.forge.define(at("0 * * * *"));
      stage.repository("app");
      untilKnown();
      clock.pass(Duration.ofMinutes(61));
      await().until(() -> runs(stage) == 1);
      clock.pass(Duration.ofHours(10));
      stage.restart();
      await().until(() -> runs(stage) == 2);
      clock.pass(Duration.ofHours(1));
      await().until(() -> runs(stage) == 3);
    }
  }
}

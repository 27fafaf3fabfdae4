package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.orchestrator.db.Database;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What agents tell of the newest probe of their host, and what a hostile one cannot. */
@SuppressWarnings("NullAway.Init") // set before each
class ProbeToldTest {
  private static final String ON =
      "{\"backend\":\"namespaces\",\"held\":131,\"broken\":0,\"inconclusive\":0,\"not-run\":2,"
          + "\"bad-controls\":0}";

  @TempDir Path data;
  private Stage stage;
  private Caller one;
  private String idOfOne;
  private String idOfTwo;

  @BeforeEach
  void open() throws Exception {
    stage = new Stage(data, new ManualClock());
    one = stage.agent("one");
    idOfOne = one.register("one", 1).agent();
    idOfTwo = stage.agent("two").register("two", 1).agent();
  }

  @AfterEach
  void close() throws Exception {
    stage.close();
  }

  private static String report(String backends) {
    return "{\"at\":\"2026-01-01T00:00:00Z\",\"release\":\"0.4.0\",\"whole\":true,\"backends\":["
        + backends
        + "]}";
  }

  private Caller.Answer tell(String agent, String report) throws Exception {
    return one.post("/agent/v1/probe", "{\"agent\":\"" + agent + "\",\"report\":" + report + "}");
  }

  private String told() throws Exception {
    return stage.admin().get("/api/v1/agents").text();
  }

  @Test
  void anAgentTellsOfItsOwnHostAndOfNoOther() throws Exception {
    assertThat(tell(idOfTwo, report(ON)).status()).isEqualTo(403);
    assertThat(told()).doesNotContain("\"probe\"");
    // The control: of its own it is kept, over a restart and another registration.
    assertThat(tell(idOfOne, report(ON)).status()).isEqualTo(200);
    stage.restart();
    one = stage.caller(one.token());
    one.register("one", 1);
    var agents = stage.admin().get("/api/v1/agents");
    assertThat(agents.at("agents.0.probe.backends.0.held")).isEqualTo("131");
    assertThat(agents.at("agents.1.probe")).isEqualTo("null");
    assertThat(tell(idOfOne, report(ON.replace("131", "130"))).status()).isEqualTo(200);
    assertThat(told()).contains("\"held\":130").doesNotContain("131");
  }

  @Test
  void whatIsBeyondBoundsIsRefusedAndNothingIsKept() throws Exception {
    for (String bad :
        List.of(
            report(""),
            report(ON + "," + ON),
            report(ON.replace("131", "-1")),
            report(ON.replace("131", "1000000000")),
            report(ON.replace("131", "1e400")),
            report(ON.replace("namespaces", "castle")),
            report(ON).replace("0.4.0", ""),
            report(ON).replace("0.4.0", "x".repeat(101)),
            report(ON).replace("0.4.0", "a\\u001b[2J"),
            report(ON).replace("2026-01-01", "-999999999-01-01"),
            report(ON).replace("2026-01-01", "+999999999-01-01"),
            report(ON).replace("\"whole\"", "\"colour\""),
            "[]")) {
      assertThat(tell(idOfOne, bad).status()).as(bad).isEqualTo(400);
    }
    var large = tell(idOfOne, report(ON) + " ".repeat(20_000));
    assertThat(large.status()).isEqualTo(413);
    assertThat(large.text()).contains("16 KiB");
    assertThat(stage.admin().post("/agent/v1/probe", "{}").status())
        .as("people tell of nothing")
        .isEqualTo(403);
    assertThat(told()).doesNotContain("\"probe\"");
    assertThat(tell(idOfOne, report(ON)).status()).as("the control").isEqualTo(200);
  }

  @Test
  void whatThisReleaseCannotReadKeepsNoServerFromStarting() throws Exception {
    assertThat(tell(idOfOne, report(ON)).status()).isEqualTo(200);
    try (var connection =
            DriverManager.getConnection(
                "jdbc:sqlite:" + data.resolve(Database.FILE) + "?busy_timeout=10000");
        var statement = connection.createStatement()) {
      statement.executeUpdate("UPDATE agent SET probe = '{\"of\": \"another release\"}'");
    }
    stage.restart();
    assertThat(told()).contains("\"one\"").doesNotContain("\"probe\"");
  }
}

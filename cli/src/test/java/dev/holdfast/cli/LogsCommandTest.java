package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogsCommandTest {
  private static final String COMMIT = "0123456789012345678901234567890123456789";

  @TempDir Path directory = Path.of("");

  private final FakeServer server;

  LogsCommandTest() throws IOException {
    server = new FakeServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Cli cli() {
    return new Cli(directory)
        .with(Clock.systemUTC())
        .with("HOLDFAST_SERVER", server.url())
        .with("HOLDFAST_TOKEN", FakeServer.TOKEN);
  }

  private static String run(String state, String... jobs) {
    return "{\"id\":\"run_1\",\"number\":7,\"repository\":\"app\",\"state\":\""
        + state
        + "\",\"jobs\":["
        + String.join(",", jobs)
        + "]}";
  }

  private static String job(String key, String attempt, int number, String state) {
    return "{\"key\":\"%s\",\"state\":\"%s\",\"attempts\":[{\"id\":\"%s\",\"number\":%d,\"state\":\"%s\"}]}"
        .formatted(key, state, attempt, number, state);
  }

  private static String log(String attempt, long offset) {
    return "GET /api/v1/attempts/" + attempt + "/log?offset=" + offset;
  }

  @Test
  void oneJobsLogIsPrintedPlainAndHarmless() {
    server.answer(
        "GET /api/v1/runs/run_1", 200, run("succeeded", job("test", "att_1", 1, "succeeded")));
    server.answer(log("att_1", 0), 200, "a\u001b[31mb\u001b[0m\n\u001b]0;owned\u0007c\rd");
    assertThat(cli().run("logs", "run_1").out()).isEqualTo("ab\nc\nd");
    assertThat(cli().onTerminal().run("logs", "run_1").out())
        .isEqualTo("a\u001b[31mb\u001b[0m\nc\nd\u001b[0m");
    assertThat(cli().run("logs", "run_1", "--raw").out())
        .isEqualTo("a\u001b[31mb\u001b[0m\n\u001b]0;owned\u0007c\rd");
  }

  @Test
  void linesOfSeveralJobsAreLedByTheirJob() {
    server.answer(
        "GET /api/v1/runs/run_1",
        200,
        run(
            "failed",
            job("test", "att_1", 1, "succeeded"),
            job("lint[os=a]", "att_2", 1, "failed"),
            "{\"key\":\"ship\",\"state\":\"skipped\"}"));
    server.answer(log("att_1", 0), 200, "one\ntwo\n");
    server.answer(log("att_2", 0), 200, "three");
    Cli.Result result = cli().run("logs", "run_1", "--exit-code");
    assertThat(result.out())
        .isEqualTo(
            """
            test       | one
            test       | two
            lint[os=a] | three
            """);
    assertThat(result.code()).isEqualTo(1);
    assertThat(cli().run("logs", "run_1", "--job", "lint").out()).isEqualTo("three");
    assertThat(cli().run("logs", "run_1", "--raw").err())
        .isEqualTo(
            "holdfast: --raw prints one job's log; choose one by --job: test, lint[os=a], ship\n");
  }

  @Test
  void aFollowerGoesOnWhereItStoodWhenTheServerCameBack() throws Exception {
    var over = new AtomicBoolean();
    var broken = new AtomicBoolean();
    server.handle(
        "GET /api/v1/runs/run_1",
        exchange -> {
          String state = over.get() ? "succeeded" : "running";
          byte[] body = run(state, job("test", "att_1", 1, state)).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
        });
    server.handle(
        log("att_1", 0) + "&follow=true",
        exchange -> {
          // Promises more than it sends: the connection breaks in the middle.
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write("first\n".getBytes(StandardCharsets.UTF_8));
          exchange.getResponseBody().flush();
          broken.set(true);
        });
    server.handle(
        log("att_1", 6) + "&follow=true",
        exchange -> {
          // Ends well, as a server does that is told to stop while the attempt goes on.
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write("second\n".getBytes(StandardCharsets.UTF_8));
        });
    server.handle(
        log("att_1", 13) + "&follow=true",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write("third\n".getBytes(StandardCharsets.UTF_8));
          over.set(true);
        });
    server.answer(log("att_1", 19), 200, "");
    Cli.Result result = cli().run("logs", "-f", "run_1", "--exit-code");
    assertThat(result.out()).isEqualTo("first\nsecond\nthird\n");
    assertThat(result.err()).endsWith("app#7 succeeded\n");
    assertThat(result.code()).isZero();
    assertThat(broken).isTrue();
  }

  @Test
  void aNewAttemptIsFollowedToo() {
    var tries = new AtomicInteger(1);
    server.handle(
        "GET /api/v1/runs/run_1",
        exchange -> {
          String body =
              tries.get() == 1
                  ? run("running", job("test", "att_1", 1, "running"))
                  : run("failed", job("test", "att_2", 2, "failed"));
          exchange.sendResponseHeaders(200, body.length());
          exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
        });
    server.handle(
        log("att_1", 0) + "&follow=true",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write("lost\n".getBytes(StandardCharsets.UTF_8));
          tries.set(2);
        });
    server.answer(log("att_1", 5), 200, "");
    server.answer(log("att_2", 0) + "&follow=true", 200, "again\n");
    server.answer(log("att_2", 6), 200, "");
    Cli.Result result = cli().run("logs", "-f", "run_1", "--exit-code");
    assertThat(result.out()).isEqualTo("lost\nagain\n");
    assertThat(result.err()).contains("test is tried again: attempt 2");
    assertThat(result.code()).isEqualTo(1);
  }

  @Test
  void aRunCanBeAwaitedByItsCommit() {
    var asked = new CountDownLatch(3);
    server.handle(
        "GET /api/v1/runs?commit=" + COMMIT + "&limit=1",
        exchange -> {
          asked.countDown();
          String body = asked.getCount() > 0 ? "{\"runs\":[]}" : "{\"runs\":[{\"id\":\"run_1\"}]}";
          exchange.sendResponseHeaders(200, body.length());
          exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
        });
    server.answer(
        "GET /api/v1/runs/run_1", 200, run("succeeded", job("t", "att_1", 1, "succeeded")));
    server.answer(log("att_1", 0), 200, "x\n");
    assertThat(cli().run("logs", "--commit", COMMIT).out()).isEqualTo("x\n");
    assertThat(cli().run("logs", "--commit", "main").code()).isEqualTo(2);
    assertThat(cli().run("logs").code()).isEqualTo(2);
  }

  @Test
  void aRunThatCouldNotBePlannedSaysWhy() {
    server.answer(
        "GET /api/v1/runs/run_1",
        200,
        "{\"id\":\"run_1\",\"number\":1,\"repository\":\"app\",\"state\":\"failed\","
            + "\"reason\":\".holdfast/ci.yaml:3: jobs: is a list\\nand \\u001b[2Jmore\"}");
    Cli.Result result = cli().run("logs", "-f", "run_1", "--exit-code");
    assertThat(result.err())
        .isEqualTo(".holdfast/ci.yaml:3: jobs: is a list\nand \\x1b[2Jmore\napp#1 failed\n");
    assertThat(result.code()).isEqualTo(1);
  }
}

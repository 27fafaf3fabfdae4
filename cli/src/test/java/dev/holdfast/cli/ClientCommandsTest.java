package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientCommandsTest {
  /**
   * What a hostile pusher can choose, made to look like something else and to take the terminal.
   */
  private static final String HOSTILE = "\\u001b]0;owned\\u0007\\u202emain\\nFAKE";

  private static final String SHOWN = "\\x1b]0;owned\\x07\\u202emain\\x0aFAKE";

  @TempDir Path directory = Path.of("");

  private final FakeServer server;

  ClientCommandsTest() throws IOException {
    server = new FakeServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Cli cli() {
    return new Cli(directory)
        .with("HOLDFAST_SERVER", server.url())
        .with("HOLDFAST_TOKEN", FakeServer.TOKEN);
  }

  private static String run(String more) {
    return """
    {"id":"run_1","number":7,"repository":"app","workflow":"ci","state":"failed",\
    "event":{"kind":"push","ref":"main","commit":"0123456789012345678901234567890123456789"},\
    "cancelling":false,"reruns":0,"created":"2026-11-23T11:57:00Z",\
    "started":"2026-11-23T11:57:01Z","finished":"2026-11-23T11:58:06Z"%s}\
    """
        .formatted(more);
  }

  @Test
  void runsAreATableForPeople() {
    String other =
        "{\"id\":\"run_2\",\"number\":8,\"repository\":\"app\",\"workflow\":\"ci\",\"state\":\"running\","
            + "\"event\":{\"kind\":\"push\",\"ref\":\""
            + HOSTILE
            + "\",\"commit\":\"abc\"},\"created\":\"2026-11-23T11:59:57Z\"}";
    server.answer("GET /api/v1/runs?limit=20", 200, "{\"runs\":[" + other + "," + run("") + "]}");
    Cli.Result result = cli().run("runs");
    assertThat(result.out())
        .isEqualTo(
            """
            RUN    STATE    WORKFLOW  EVENT  REF                                 COMMIT   WHEN    TOOK    ID
            app#8  running  ci        push   %s  abc      now             run_2
            app#7  failed   ci        push   main                                0123456  3m ago  1m 05s  run_1
            """
                .formatted(SHOWN));
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
  }

  @Test
  void runsAreJsonLinesForScripts() {
    server.answer(
        "GET /api/v1/runs?repository=app&branch=a%2Fb&state=failed&limit=5",
        200, "{\"runs\":[" + run("") + "]}");
    Cli.Result result =
        cli()
            .run(
                "runs",
                "--repository",
                "app",
                "--branch",
                "a/b",
                "--state",
                "failed",
                "--limit",
                "5",
                "--json");
    assertThat(result.out()).isEqualTo(run("") + "\n");
  }

  @Test
  void coloursAreForTerminalsAndNotForThoseWhoWantNone() {
    server.answer("GET /api/v1/runs?limit=20", 200, "{\"runs\":[" + run("") + "]}");
    assertThat(cli().onTerminal().run("runs").out()).contains("\u001b[31mfailed\u001b[0m");
    assertThat(cli().onTerminal().with("NO_COLOR", "1").run("runs").out()).doesNotContain("\u001b");
    assertThat(cli().onTerminal().with("TERM", "dumb").run("runs").out()).doesNotContain("\u001b");
  }

  @Test
  void aRunIsShownWithItsJobsAttemptsAndSteps() {
    server.answer(
        "GET /api/v1/runs/run_1",
        200,
        run(
            """
            ,"reason":"two\\nlines","jobs":[\
            {"key":"test","state":"failed","attempts":[\
            {"id":"att_1","number":1,"agent":"a","state":"lost","reason":"not heard of",\
            "started":"2026-11-23T11:57:01Z","finished":"2026-11-23T11:57:31Z"},\
            {"id":"att_2","number":2,"agent":"b","state":"failed","reason":"%s",\
            "started":"2026-11-23T11:57:31Z","finished":"2026-11-23T11:58:06Z","steps":[\
            {"index":0,"name":"build","state":"succeeded","started":"2026-11-23T11:57:31Z",\
            "finished":"2026-11-23T11:57:32.500Z"},\
            {"index":1,"name":"%s","state":"failed"}]}]},\
            {"key":"ship","state":"skipped"}],"summary":"# Done\\n\\u001b[2J"
            """
                .formatted(HOSTILE, HOSTILE)
                .strip()));
    Cli.Result result = cli().run("show", "run_1");
    assertThat(result.out())
        .isEqualTo(
            """
            app#7  failed after 1m 05s
            ci for push of main at 0123456789012345678901234567890123456789, 3m ago
            run_1
            why  two
            why  lines

            JOB                                   STATE      TOOK  ATTEMPT  AGENT  REASON
            test                                  lost       30s   1        a      not heard of
            test                                  failed     35s   2        b      %s
              build                               succeeded  1.5s
              %s  failed
            ship                                  skipped

            # Done
            \\x1b[2J
            """
                .formatted(SHOWN, SHOWN));
    assertThat(cli().run("show", "run_1", "--exit-code").code()).isEqualTo(1);
    assertThat(result.code()).isZero();
  }

  @Test
  void runsHaveNames() {
    server.answer("GET /api/v1/runs?limit=1", 200, "{\"runs\":[" + run("") + "]}");
    server.answer("GET /api/v1/runs?repository=app&limit=200", 200, "{\"runs\":[" + run("") + "]}");
    server.answer("GET /api/v1/runs?repository=app&limit=200&before=run_1", 200, "{\"runs\":[]}");
    server.answer("GET /api/v1/runs/run_1", 200, run(""));
    assertThat(cli().run("show", "last").code()).isZero();
    assertThat(cli().run("show", "app#7").code()).isZero();
    assertThat(cli().run("show", "app#8").code()).isEqualTo(4);
    Cli.Result hostile = cli().run("show", "../../\u001b[2J");
    assertThat(hostile.code()).isEqualTo(2);
    assertThat(hostile.err()).doesNotContain("\u001b");
  }

  @Test
  void repositoriesAreAddedByAbsolutePathAndShortName() {
    server.answer(
        "POST /api/v1/repositories",
        201,
        "{\"id\":\"repo_1\",\"name\":\"app\",\"url\":\"/x\",\"on-disk\":true}");
    assertThat(cli().run("repo", "add", "app.git").code()).isZero();
    assertThat(cli().run("repo", "add", "/srv/x.git", "--name", "other", "--json").out())
        .isEqualTo("{\"id\":\"repo_1\",\"name\":\"app\",\"url\":\"/x\",\"on-disk\":true}\n");
    assertThat(server.calls())
        .containsExactlyInAnyOrder(
            "POST /api/v1/repositories {\"name\":\"app\",\"url\":\"" + directory + "/app.git\"}",
            "POST /api/v1/repositories {\"name\":\"other\",\"url\":\"/srv/x.git\"}");
    assertThat(cli().run("repo", "add", "git@example.org:team/app.git").err())
        .contains("write ssh://git@example.org/team/app.git");
  }

  @Test
  void aTokenGoesToAFileThatOnlyItsOwnerReads() throws IOException {
    server.answer(
        "POST /api/v1/agent-tokens",
        201,
        "{\"id\":\"tok_1\",\"name\":\"a\",\"token\":\"hfa_secret\"}");
    Cli.Result made = cli().run("agent", "token", "create", "a", "--out", "token");
    assertThat(made.out() + made.err()).contains("tok_1").doesNotContain("hfa_secret");
    assertThat(directory.resolve("token")).hasContent("hfa_secret\n");
    assertThat(Files.getPosixFilePermissions(directory.resolve("token"))).hasSize(2);
    assertThat(cli().run("agent", "token", "create", "a").out()).isEqualTo("hfa_secret\n");
  }

  @Test
  void eventsSayWhatTheyStartedAndWhyNot() {
    server.answer(
        "GET /api/v1/repositories/app/events?limit=20",
        200,
        """
        {"events":[{"id":"evt_1","delivery":"d","state":"done","tries":0,\
        "received":"2026-11-23T10:00:00Z","event":{"delivery":"d","repository":"repo_1",\
        "at":"2026-11-23T10:00:00Z","happening":{"type":"push","ref":"main","commit":"0123456789",\
        "forced":false}},"workflows":[{"workflow":"ci","run":"run_1","reason":"push to main"},\
        {"workflow":"docs","reason":"no changed file"}]}]}\
        """);
    assertThat(cli().run("events", "app").out())
        .isEqualTo(
            """
            WHEN    EVENT  REF   COMMIT   STATE  RESULT
            2h ago  push   main  0123456  done   ci → run_1; docs: no changed file
            """);
  }

  @Test
  void aStartThatStartsNothingSaysWhy() {
    server.answer(
        "POST /api/v1/repositories/app/events", 202, "{\"delivery\":\"d\",\"event\":\"evt_1\"}");
    String event =
        "{\"events\":[{\"delivery\":\"d\",\"state\":\"done\",\"workflows\":[{\"workflow\":\"ci\",%s}]}]}";
    String call = "GET /api/v1/repositories/app/events?limit=50";
    server.answer(call, 200, event.formatted("\"reason\":\"the input version is not given\""));
    Cli.Result refused = cli().run("start", "ci", "--repository", "app");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .isEqualTo("holdfast: the workflow ci did not start: the input version is not given\n");

    server.answer(call, 200, event.formatted("\"run\":\"run_1\",\"reason\":\"manual start\""));
    Cli.Result started =
        cli().run("start", "ci", "--repository", "app", "--input", "v=$(x)=1", "--json");
    assertThat(started.out()).isEqualTo("{\"run\":\"run_1\",\"delivery\":\"d\"}\n");
    assertThat(server.calls())
        .contains(
            "POST /api/v1/repositories/app/events"
                + " {\"workflow\":\"ci\",\"inputs\":{\"v\":\"$(x)=1\"}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "400 | 2 | the body is wrong",
        "403 | 3 | the body is wrong",
        "404 | 4 | the body is wrong",
        "409 | 1 | the body is wrong",
        "429 | 3 | cannot do it now: the body is wrong",
        "500 | 5 | answered 500: the body is wrong",
        "503 | 3 | cannot do it now: the body is wrong",
        "302 | 3 | answered 302",
      })
  void everyAnswerHasItsCodeAndLine(int status, int code, String said) {
    server.answer(
        "GET /api/v1/repositories", status, "{\"error\":\"the body is wrong\\u001b[2J\"}");
    Cli.Result result = cli().run("repo", "list");
    assertThat(result.code()).isEqualTo(code);
    assertThat(result.err()).startsWith("holdfast: ").contains(said).doesNotContain("\u001b");
    assertThat(result.err().lines()).hasSize(1);
    assertThat(result.out()).isEmpty();
  }

  @Test
  void whatIsNoServerOfOursIsSaidToBeNone() {
    server.answer("GET /api/v1/repositories", 200, "<html>");
    assertThat(cli().run("repo", "list").err()).contains("is that a Holdfast server?");
  }

  @Test
  void aWrongTokenASilentPortAndNoServerAreToldApart() throws IOException {
    Cli.Result wrong = cli().with("HOLDFAST_TOKEN", "other").run("runs");
    assertThat(wrong.code()).isEqualTo(3);
    assertThat(wrong.err()).contains("does not know this token").doesNotContain("other");

    String url = server.url();
    server.close();
    Cli.Result silent =
        new Cli(directory).with("HOLDFAST_SERVER", url).with("HOLDFAST_TOKEN", "x").run("runs");
    assertThat(silent.err())
        .isEqualTo("holdfast: cannot reach " + url + ": nothing listens there\n");
    assertThat(silent.code()).isEqualTo(3);

    Cli.Result none =
        new Cli(directory).with("HOLDFAST_DATA", directory.resolve("data").toString()).run("runs");
    assertThat(none.code()).isEqualTo(3);
    assertThat(none.err()).contains("no server runs on " + directory.resolve("data"));
  }

  @Test
  void aTokenIsNoArgument() {
    Cli.Result result = cli().run("runs", "--token", "secret");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("--token is not an argument").doesNotContain("secret");
  }

  @Test
  void aDataFolderLeadsToItsServer() throws IOException {
    Path data = Files.createDirectory(directory.resolve("data"));
    Files.writeString(data.resolve("server.json"), "{\"url\":\"" + server.url() + "\",\"pid\":1}");
    Files.writeString(data.resolve("admin-token"), FakeServer.TOKEN + "\n");
    server.answer("GET /api/v1/runs?limit=20", 200, "{\"runs\":[]}");
    Cli.Result result = new Cli(directory).with("HOLDFAST_DATA", data.toString()).run("runs");
    assertThat(result.err()).startsWith("No runs.");
    assertThat(result.code()).isZero();
  }

  @Test
  void theTokenFollowsNoRedirect() throws IOException {
    try (var other = new FakeServer()) {
      server.redirect("GET /api/v1/repositories", other.url() + "/api/v1/repositories");
      assertThat(cli().run("repo", "list").code()).isEqualTo(3);
      assertThat(other.calls()).isEmpty();
    }
  }
}

package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.client.DataDirectory;
import dev.holdfast.cli.terminal.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands against a real orchestrator over real git; no agent, so that nothing runs. */
class RealServerTest {
  @TempDir Path directory = Path.of("");

  private DataDirectory data = new DataDirectory(Path.of("/nowhere"));
  private AutoCloseable server = () -> {};

  @BeforeEach
  void start() {
    data = new DataDirectory(directory.resolve("data"));
    server = startServer();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private RunningServer startServer() {
    return RunningServer.start(
        new Cli(directory).with(Clock.systemUTC()).terminal(),
        data,
        Listen.of("127.0.0.1:0"),
        Duration.ofSeconds(30));
  }

  private Cli cli() {
    return new Cli(directory).with(Clock.systemUTC()).with("HOLDFAST_DATA", data.path().toString());
  }

  private String git(String... arguments) throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(arguments).directory(directory.toFile()).redirectErrorStream(true);
    builder.command().add(0, "git");
    builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    Process git = builder.start();
    String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(git.waitFor()).as(said).isZero();
    return said.strip();
  }

  private String push(String yaml) throws IOException, InterruptedException {
    if (!Files.exists(directory.resolve("app.git"))) {
      git("init", "-q", "--bare", "-b", "main", "app.git");
      git("init", "-q", "-b", "main", "app");
      assertThat(cli().run("repo", "add", "app.git").code()).isZero();
    }
    Files.createDirectories(directory.resolve("app/.holdfast"));
    Files.writeString(directory.resolve("app/.holdfast/ci.yaml"), yaml);
    git("-C", "app", "add", "-A");
    git("-C", "app", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "x");
    git("-C", "app", "push", "-q", directory.resolve("app.git").toString(), "main");
    return git("-C", "app", "rev-parse", "HEAD");
  }

  private String runAt(String commit) {
    Awaitility.await()
        .until(() -> !cli().run("runs", "--commit", commit, "--json").out().isEmpty());
    return cli().run("runs", "--commit", commit).out();
  }

  @Test
  void aPushIsSeenShownStartedAgainAndCancelled() throws Exception {
    String commit =
        push(
            "on: [push, {manual: {inputs: {v: text}}}]\njobs: {a: {steps: ls}, b: {needs: a, steps: ls}}\n");
    assertThat(runAt(commit))
        .matches(
            "(?s)RUN    STATE   WORKFLOW  EVENT  REF   COMMIT   WHEN +TOOK +ID\\R"
                + "app#1  queued  ci        push   main  "
                + commit.substring(0, 7)
                + "  .*run_\\w+\\R");
    assertThat(cli().run("show", "app#1").out())
        .contains(
            "app#1  queued", "ci for push of main at " + commit, "\na    queued", "\nb    waiting");
    assertThat(cli().run("events", "app").out()).contains("done", "ci → run_");

    assertThat(cli().run("start", "ci", "--repository", "app").err())
        .contains("the workflow ci did not start", "the input v is not given");
    assertThat(cli().run("start", "ci", "--repository", "app", "--input", "v=1").code()).isZero();
    assertThat(cli().run("cancel", "app#2").code()).isZero();
    assertThat(cli().run("show", "app#2", "--exit-code").code()).isEqualTo(1);
    assertThat(cli().run("cancel", "app#2").code()).isEqualTo(1);
    assertThat(cli().run("rerun", "app#2").code()).isZero();
    assertThat(cli().run("show", "app#2").out()).contains("app#2  queued");
  }

  @Test
  void aBadDefinitionIsARunThatSaysWhere() throws Exception {
    String commit = push("on: push\njobs:\n  a:\n    needs: b\n    steps: ls\n");
    runAt(commit);
    Cli.Result logs = cli().run("logs", "-f", "--commit", commit, "--exit-code");
    assertThat(logs.err()).contains(".holdfast/ci.yaml:4: ").endsWith("app#1 failed\n");
    assertThat(logs.code()).isEqualTo(1);
  }

  @Test
  void whatIsNoRepositoryIsRefusedAndNothingIsKept() throws IOException {
    Files.createDirectory(directory.resolve("plain"));
    Cli.Result refused = cli().run("repo", "add", "plain");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("is not a bare git repository", "git init --bare");
    assertThat(cli().run("repo", "list").out()).isEmpty();
  }

  @Test
  void repositoriesComeAndGoWithTheirHook() throws Exception {
    git("init", "-q", "--bare", "app.git");
    Path hook = directory.resolve("app.git/hooks/post-receive");
    assertThat(cli().run("repo", "add", "app.git").code()).isZero();
    assertThat(hook).exists();
    assertThat(cli().run("repo", "list").out())
        .contains("NAME  WHERE", "app   " + directory.resolve("app.git"));
    assertThat(cli().run("repo", "remove", "app").code()).isZero();
    assertThat(hook).doesNotExist();
    assertThat(cli().run("repo", "remove", "app").code()).isEqualTo(4);
    assertThat(cli().run("events", "app").code()).isEqualTo(4);
  }

  @Test
  void agentTokensAreMadeListedAndRevoked() {
    String made = cli().run("agent", "token", "create", "a", "--json").out();
    String id = made.replaceAll("(?s).*\"id\":\"(tok_\\w+)\".*", "$1");
    assertThat(cli().run("agent", "token", "list").out()).contains(id, "a").doesNotContain("hfa_");
    assertThat(cli().run("agent", "token", "revoke", id).code()).isZero();
    assertThat(cli().run("agent", "token", "revoke", id).code()).isEqualTo(4);
    assertThat(cli().run("agent", "list").err()).startsWith("No agents.");
    assertThat(cli().run("agent", "token", "create", "../x").code()).isEqualTo(2);
  }

  @Test
  void anAgentsTokenIsNoAdminToken() {
    String token = cli().run("agent", "token", "create", "a").out().strip();
    assertThat(cli().with("HOLDFAST_TOKEN", token).run("runs").code()).isEqualTo(3);
  }

  @Test
  void aSecondServerOverTheSameFolderIsRefused() {
    Assertions.assertThatThrownBy(this::startServer)
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("another orchestrator runs over " + data.serverPart());
  }

  @Test
  void theFolderIsFoundAgainAfterARestart() throws Exception {
    String commit = push("on: push\njobs: {a: {steps: ls}}\n");
    runAt(commit);
    server.close();
    assertThat(cli().run("runs").code()).isEqualTo(3);
    server = startServer();
    assertThat(cli().run("runs").out()).contains("app#1");
  }

  @Test
  void secretsOfTheFolderAreTheOwnersAlone() throws IOException {
    assertThat(Files.getPosixFilePermissions(data.serverPart())).hasSize(3);
    assertThat(Files.getPosixFilePermissions(data.adminToken())).hasSize(2);
  }
}

package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.git.Git;
import dev.holdfast.git.GitFailed;
import dev.holdfast.git.Remote;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent gets of a repository whose token it is not given; with real git at both ends. */
class SourceTest {
  @TempDir Path folder;
  private Stage stage;
  private Git git;
  private Path mirror;
  private CommitId leased;
  private CommitId other;
  private Caller agent;
  private AgentApi.Lease lease;

  @BeforeEach
  void start() throws Exception {
    Path repository = Files.createDirectory(folder.resolve("repository"));
    sh(
        repository,
        "git init -q -b main . && git config user.email a@example.org && git config user.name a",
        "echo one >file && git add -A && git commit -qm one",
        "git checkout -q -b secret && echo two >file && git commit -qam two");
    leased = new CommitId(sh(repository, "git rev-parse main"));
    other = new CommitId(sh(repository, "git rev-parse secret"));
    git = new Git(folder.resolve("git"), Duration.ofMinutes(1));
    mirror = folder.resolve("mirror.git");
    git.initMirror(mirror);
    for (CommitId commit : java.util.List.of(leased, other)) {
      git.fetch(mirror, new Remote.Folder(repository), "refs/heads/main", commit);
    }
    stage = new Stage(folder.resolve("data"), Clock.systemUTC());
    stage.forge.define(Stage.workflow("ci", Stage.job("test")));
    stage.forge.at(leased);
    stage.forge.serves(git, mirror);
    stage.repository("app");
    agent = stage.agent("one");
    String id = agent.register("one", 1).agent();
    stage.run("app", "ci");
    lease = agent.lease(id, 1, Duration.ofSeconds(30)).getFirst();
  }

  @AfterEach
  void stop() throws Exception {
    stage.close();
  }

  private static String sh(Path directory, String... script) throws Exception {
    Process process =
        new ProcessBuilder("/bin/sh", "-ec", String.join("\n", script))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }

  private void fetch(String token, long fence, CommitId commit, String into) throws Exception {
    var from =
        new Remote.Server(
            URI.create(
                "http://127.0.0.1:"
                    + stage.port()
                    + "/agent/v1/attempts/"
                    + lease.attempt()
                    + "/"
                    + fence
                    + "/source.git"));
    Path target = folder.resolve(into);
    git.initMirror(target);
    git.withBearer(token, from).fetch(target, from, "refs/heads/main", commit);
  }

  @Test
  void theCommitOfTheAttemptIsGiven() throws Exception {
    fetch(agent.token(), lease.fence(), leased, "first");
    assertThat(sh(folder.resolve("first"), "git show " + leased + ":file")).isEqualTo("one");
    fetch(agent.token(), lease.fence(), leased, "first");
  }

  @Test
  void noOtherCommitIs() throws Exception {
    assertThatThrownBy(() -> fetch(agent.token(), lease.fence(), other, "second"))
        .isInstanceOf(GitFailed.class);
    assertThat(sh(folder, "git --git-dir=second cat-file -t " + other + " 2>&1 || true"))
        .contains("could not get object info");
    // The control: the mirror has it, and gives it where nothing is hidden.
    Path control = folder.resolve("control");
    git.initMirror(control);
    git.fetch(control, new Remote.Folder(mirror), "refs/heads/main", other);
    assertThat(sh(control, "git show " + other + ":file")).isEqualTo("two");
    // Version 2 of the protocol would give any object; asked for it, version 0 is spoken.
    String said =
        sh(
            folder,
            "git -c protocol.version=2 -c http.extraHeader='Authorization: Bearer "
                + agent.token()
                + "' ls-remote http://127.0.0.1:"
                + stage.port()
                + "/agent/v1/attempts/"
                + lease.attempt()
                + "/"
                + lease.fence()
                + "/source.git");
    assertThat(said).isEqualTo(leased + "\trefs/holdfast/" + leased);
  }

  @Test
  void onlyWhoHoldsTheAttemptIsGivenIt() throws Exception {
    Caller second = stage.agent("two");
    second.register("two", 1);
    assertThatThrownBy(() -> fetch(second.token(), lease.fence(), leased, "a"))
        .isInstanceOf(GitFailed.class);
    assertThatThrownBy(() -> fetch(stage.admin().token(), lease.fence(), leased, "b"))
        .isInstanceOf(GitFailed.class);
    assertThatThrownBy(() -> fetch(agent.token(), lease.fence() + 1, leased, "c"))
        .isInstanceOf(GitFailed.class);
    fetch(agent.token(), lease.fence(), leased, "control");
    agent.complete(lease, new Outcome.Succeeded());
    assertThatThrownBy(() -> fetch(agent.token(), lease.fence(), leased, "d"))
        .as("it is over")
        .isInstanceOf(GitFailed.class);
  }
}

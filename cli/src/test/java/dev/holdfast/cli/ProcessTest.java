package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The installed command as processes: how they start, stop and outlive each other. */
class ProcessTest {
  private static final Path DIST =
      Path.of(System.getenv().getOrDefault("HOLDFAST_DIST", "../dist"))
          .toAbsolutePath()
          .normalize();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory = Path.of("");

  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void prepare() throws IOException {
    Assumptions.assumeTrue(
        Files.exists(DIST.resolve("runner/VERSION")),
        "SKIPPED: there is no distribution; script/build makes one");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void endAll() throws InterruptedException {
    for (Process process : started) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
  }

  private Process start(String... arguments) throws IOException {
    var builder = new ProcessBuilder(DIST.resolve("bin/holdfast").toString());
    builder.command().addAll(List.of(arguments));
    builder.directory(directory.toFile());
    builder.environment().put("HOLDFAST_DATA", directory.resolve("data").toString());
    builder.environment().put("XDG_CACHE_HOME", directory.resolve("cache").toString());
    builder.redirectOutput(directory.resolve("out").toFile());
    builder.redirectError(directory.resolve("err").toFile());
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private String out() throws IOException {
    return Files.readString(directory.resolve("out"));
  }

  private Process startDev() throws IOException {
    Process dev = start("dev", "--backend", "namespaces", "--json");
    Awaitility.await().atMost(PATIENCE).until(() -> out().contains("\n"));
    return dev;
  }

  private static ProcessHandle agentOf(Process dev) {
    return dev.children().findFirst().orElseThrow();
  }

  @Test
  void devSaysWhenItIsReadyAndEndsWithItsAgent() throws Exception {
    Process dev = startDev();
    var ready = new Fields(JsonText.parse(out().strip()));
    assertThat(ready.text("event")).isEqualTo("ready");
    assertThat(ready.text("url")).startsWith("http://127.0.0.1:");
    assertThat(ready.text("data")).isEqualTo(directory.resolve("data").toString());
    assertThat(ready.text("backend")).isEqualTo("namespaces");
    assertThat(directory.resolve("data/server.json")).exists();
    ProcessHandle agent = agentOf(dev);
    assertThat(Path.of("/proc", Long.toString(agent.pid()), "cmdline"))
        .content()
        .contains("--token-file")
        .doesNotContain("hfa_");

    dev.destroy();
    assertThat(dev.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(dev.exitValue()).as(Files.readString(directory.resolve("err"))).isZero();
    assertThat(agent.isAlive()).isFalse();
    assertThat(directory.resolve("data/server.json")).doesNotExist();
  }

  @Test
  void anAgentThatDiesIsStartedAgain() throws Exception {
    Process dev = startDev();
    ProcessHandle first = agentOf(dev);
    first.destroyForcibly();
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> dev.children().anyMatch(c -> c.isAlive() && c.pid() != first.pid()));
  }

  @Test
  void anAgentDoesNotOutliveAKilledParent() throws Exception {
    Process dev = startDev();
    ProcessHandle agent = agentOf(dev);
    dev.destroyForcibly().waitFor();
    Awaitility.await().atMost(PATIENCE).until(() -> !agent.isAlive());
  }

  @Test
  void aServerThatIsToldToStopEndsWellAndSaysItsTokenOnce() throws Exception {
    for (int round = 0; round < 2; round++) {
      Process server = start("server", "--listen", "127.0.0.1:0");
      Awaitility.await().atMost(PATIENCE).until(() -> out().startsWith("ready  http://127.0.0.1:"));
      server.destroy();
      assertThat(server.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(server.exitValue()).isZero();
      String said = Files.readString(directory.resolve("err"));
      assertThat(said.contains("hft_")).isEqualTo(round == 0);
    }
  }

  @Test
  void anAgentThatCannotRunSaysWhyInOneLine() throws Exception {
    Files.writeString(directory.resolve("token"), "hfa_x\n");
    Process none = start("agent", "--server", "http://127.0.0.1:1");
    assertThat(none.waitFor()).isEqualTo(2);
    assertThat(Files.readString(directory.resolve("err")))
        .contains("no token: make one")
        .hasLineCount(1);
    Process badName =
        start("agent", "--server", "http://127.0.0.1:1", "--token-file", "token", "--name", "a b");
    assertThat(badName.waitFor()).isEqualTo(2);
    assertThat(Files.readString(directory.resolve("err")))
        .contains("is not a name")
        .hasLineCount(1);
  }

  @Test
  void ctrlCEndsALocalRunAndLeavesNothing() throws Exception {
    Path app = Files.createDirectories(directory.resolve(".holdfast"));
    Files.writeString(
        app.resolve("ci.yaml"),
        "on: push\njobs: {a: {steps: 'echo begun; sleep 1000'}, b: {needs: a, steps: echo never}}\n");
    assertThat(
            new ProcessBuilder("git", "init", "-q").directory(directory.toFile()).start().waitFor())
        .isZero();
    Process run = start("run", "--backend", "namespaces");
    Awaitility.await().atMost(PATIENCE).until(() -> out().contains("begun"));
    assertThat(new ProcessBuilder("kill", "-INT", Long.toString(run.pid())).start().waitFor())
        .isZero();
    assertThat(run.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).isEqualTo(130);
    assertThat(out()).doesNotContain("never");
    try (Stream<Path> left = Files.list(directory.resolve("cache/holdfast/run"))) {
      assertThat(left).isEmpty();
    }
  }
}

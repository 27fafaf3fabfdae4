package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.LockFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code init}, {@code compile} and {@code run} in real sandboxes, with the distribution's runner.
 */
class SandboxedTest {
  private static final Path DIST =
      Path.of(System.getenv().getOrDefault("HOLDFAST_DIST", "../dist"))
          .toAbsolutePath()
          .normalize();

  @TempDir Path directory = Path.of("");

  @BeforeEach
  void prepare() throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        Files.exists(DIST.resolve("runner/VERSION")),
        "SKIPPED: there is no distribution; script/build makes one");
    // Sandboxes of root have users of their own, who must pass.
    Files.setPosixFilePermissions(
        directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectory(directory.resolve("app"));
    git("init", "-q", "-b", "topic/$(reboot)");
  }

  private Cli cli() {
    return new Cli(directory.resolve("app"))
        .with(Clock.systemUTC())
        .with("HOLDFAST_HOME", DIST.toString())
        .with("XDG_CACHE_HOME", directory.resolve("cache").toString());
  }

  private void git(String... arguments) throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder(arguments)
            .directory(directory.resolve("app").toFile())
            .redirectErrorStream(true);
    builder.command().add(0, "git");
    Process git = builder.start();
    String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(git.waitFor()).as(said).isZero();
  }

  private Path write(String name, String text) throws IOException {
    Path file = directory.resolve("app").resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private void nothingIsLeft() throws IOException {
    try (Stream<Path> runs = Files.list(directory.resolve("cache/holdfast/run"))) {
      assertThat(runs).isEmpty();
    }
  }

  @Test
  void aScaffoldedWorkflowIsCompiledAndRuns() throws IOException {
    Cli.Result init = cli().run("init");
    assertThat(init.out()).isEqualTo("Wrote .holdfast/Ci.java\nWrote " + LockFile.PATH + "\n");
    assertThat(init.err()).contains(DIST + "/lib/holdfast-sdk-");
    Cli.Result run = cli().run("run", "--backend", "namespaces");
    assertThat(run.out()).contains("Hello from topic/$(reboot), commit ", "All well at ");
    assertThat(run.err()).contains("hello  succeeded");
    assertThat(run.code()).isZero();
    assertThat(cli().run("compile", "--check").out()).isEqualTo(LockFile.PATH + " is up to date\n");
    assertThat(cli().run("init").code()).isEqualTo(2);
    assertThat(cli().run("init").err()).contains("Ci.java is there already");
    nothingIsLeft();
  }

  @Test
  void aScaffoldInYamlRunsToo() throws IOException {
    assertThat(cli().run("init", "--yaml", "--image", "debian:12").out())
        .isEqualTo("Wrote .holdfast/ci.yaml\n");
    assertThat(cli().run("run", "--backend", "namespaces").code()).isEqualTo(1);
    Cli.Result run = cli().run("run", "--backend", "namespaces", "--ignore-images", "--json");
    assertThat(run.out())
        .matches(
            "\\{\"workflow\":\"ci\",\"job\":\"hello\",\"state\":\"succeeded\",\"took\":\\d+}\\R");
    assertThat(run.err()).contains("Hello from ");
    nothingIsLeft();
  }

  @Test
  void driftAndErrorsAreToldByTheirPlaces() throws IOException {
    cli().run("init");
    Path lock = directory.resolve("app").resolve(LockFile.PATH);
    String good = Files.readString(lock);
    Path source = directory.resolve("app/.holdfast/Ci.java");
    Files.writeString(source, Files.readString(source).replace("\"list the files\"", "\"ls\""));

    Cli.Result check = cli().run("compile", "--check");
    assertThat(check.code()).isEqualTo(1);
    assertThat(check.out())
        .isEqualTo("the sources changed since it was written\nworkflow ci is different\n");
    assertThat(lock).hasContent(good);

    Files.writeString(source, Files.readString(source).replace("jobs(hello)", "jobs(hullo)"));
    Cli.Result wrong = cli().run("compile");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err())
        .containsPattern("(?m)^\\.holdfast/Ci\\.java:\\d+: .*hullo")
        .endsWith("holdfast: the definition has an error\n");
    assertThat(lock).hasContent(good);
    nothingIsLeft();
  }

  @Test
  void aProblemPointsAtTheLineThatMadeIt() throws IOException {
    write(
        ".holdfast/Ci.java",
        """
        import static dev.holdfast.sdk.Workflows.*;
        import dev.holdfast.sdk.*;
        class Ci implements WorkflowSource {
          public Workflow define() {
            return workflow("ci").on(push()).jobs(
                job("a").step("x", sh("true")),
                job("b")
                    .needs("z")
                    .step("x", sh("true")));
          }
        }
        """);
    assertThat(cli().run("compile").err()).startsWith(".holdfast/Ci.java:8: job b needs z, which");
  }

  @Test
  void aStaleLockFileIsNotRunButTheSourcesAre() throws IOException {
    cli().run("init");
    Path source = directory.resolve("app/.holdfast/Ci.java");
    Files.writeString(source, Files.readString(source).replace("Hello from", "Changed at"));
    Cli.Result run = cli().run("run", "--backend", "namespaces");
    assertThat(run.err()).contains("does not fit its sources; running what they say now");
    assertThat(run.out()).contains("Changed at ");
  }

  @Test
  void jobsGetWhatGitSeesAndCannotTouchTheTree() throws IOException, InterruptedException {
    write(".gitignore", "ignored\n");
    write("ignored", "secret");
    write("tracked", "1");
    write("un tracked", "2");
    Files.createSymbolicLink(directory.resolve("app/link"), Path.of("/etc/hostname"));
    git("add", "tracked");
    write(
        ".holdfast/ci.yaml",
        "on: push\njobs: {a: {steps: \"ls -A; cat tracked; readlink link; echo 3 > tracked; rm 'un"
            + " tracked'\"}}\n");
    Cli.Result run = cli().run("run", "--backend", "namespaces");
    assertThat(run.out())
        .contains(".gitignore\n", "tracked\n", "un tracked\n", "/etc/hostname\n")
        .doesNotContain("ignored\nlink", "secret")
        .doesNotContain("\nignored\n");
    assertThat(directory.resolve("app/tracked")).hasContent("1");
    assertThat(directory.resolve("app/un tracked")).exists();
    assertThat(run.code()).isZero();
  }

  @Test
  void aGraphRunsAsBehindAServer() throws IOException {
    write(
        ".holdfast/ci.yaml",
        """
        on: push
        jobs:
          top:
            steps: echo "version=1.4" >> "$HOLDFAST_OUTPUT"
          left:
            needs: top
            matrix: {shard: [1, 2]}
            steps: test "$HOLDFAST_NEEDS_TOP_VERSION" = 1.4 && echo "shard $HOLDFAST_MATRIX_SHARD"
          right:
            needs: top
            steps: exit 7
          bottom:
            needs: [left, right]
            steps: echo never
          mourner:
            needs: right
            when: failure
            steps: echo sorry
        """);
    Cli.Result run = cli().run("run", "--backend", "namespaces", "--jobs", "3");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out())
        .contains(
            "left[shard=1] | shard 1\n", "left[shard=2] | shard 2\n", "mourner       | sorry\n")
        .doesNotContain("never");
    assertThat(run.err().lines().map(l -> l.replaceAll(" +", " ")))
        .anyMatch(l -> l.startsWith("top succeeded"))
        .anyMatch(l -> l.matches("right failed [0-9.]+s .*7.*"))
        .anyMatch(l -> l.equals("bottom skipped"))
        .anyMatch(l -> l.startsWith("mourner succeeded"));
    Cli.Result one = cli().run("run", "--backend", "namespaces", "--job", "mourner");
    assertThat(one.out()).contains("sorry");
    assertThat(one.code()).isZero();
    nothingIsLeft();
  }

  @Test
  void workflowsAreChosenByEventOrName() throws IOException {
    write(".holdfast/a.yaml", "on: push\njobs: {a: {steps: echo a-ran}}\n");
    write(
        ".holdfast/b.yaml",
        "on: {manual: {inputs: {v: number}}}\njobs: {b: {steps: 'echo \"b-ran $HOLDFAST_INPUT_V\"'}}\n");
    assertThat(cli().run("run", "--backend", "namespaces").out())
        .contains("a-ran")
        .doesNotContain("b-ran");
    assertThat(cli().run("run", "b", "--input", "v=4", "--backend", "namespaces").out())
        .contains("b-ran 4");
    assertThat(cli().run("run", "b", "--backend", "namespaces").err())
        .isEqualTo("holdfast: give the input: --input v=VALUE\n");
    assertThat(cli().run("run", "b", "--input", "v=x", "--backend", "namespaces").code())
        .isEqualTo(2);
    assertThat(cli().run("run", "c", "--backend", "namespaces").code()).isEqualTo(4);
    assertThat(cli().run("run", "--event", "tag", "--tag", "v1", "--backend", "namespaces").err())
        .contains("this event would start no workflow");
  }
}

package dev.holdfast.agent.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.agent.job.TestWorkshop;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.agent.sandbox.namespaces.NamespacesBackend;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.wire.channel.FromRunner.Evaluated;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reading a stranger's workflows does not run the stranger's code on this machine. */
@Timeout(120)
class DefinitionCompilerTest {
  private Path data = Path.of("/nowhere");

  @BeforeEach
  void makeData() throws Exception {
    data = TestWorkshop.data();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    assertThat(data.resolve("job")).isEmptyDirectory();
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private Evaluated evaluate(String body, Duration patience) throws Exception {
    String source =
        """
        import dev.holdfast.sdk.*;
        import static dev.holdfast.sdk.Workflows.*;

        class Ci implements WorkflowSource {
          public Workflow define() {
            %s
          }
        }
        """
            .formatted(body);
    try (var backend = new NamespacesBackend(data, true, Limiting.ENFORCED, Wall.whole());
        var timer = Executors.newSingleThreadScheduledExecutor()) {
      var compiler =
          new DefinitionCompiler(
              backend, new JobDirectories(data), TestWorkshop.built(), patience, timer);
      return compiler.evaluate(new Sources(Map.of("Ci.java", source)));
    }
  }

  private static final String GOOD =
      "return workflow(\"ci\").on(push()).jobs(job(\"test\").step(\"hello\", sh(\"echo hello\")));";

  @Test
  void goodSources_giveTheirWorkflows() throws Exception {
    Evaluated evaluated = evaluate(GOOD, Duration.ofSeconds(60));
    assertThat(evaluated.diagnostics()).isEmpty();
    assertThat(evaluated.workflows())
        .singleElement()
        .satisfies(w -> assertThat(w.name().value()).isEqualTo("ci"));
  }

  @Test
  void errors_nameTheirLine() throws Exception {
    Evaluated evaluated = evaluate("return nonsense;", Duration.ofSeconds(60));
    assertThat(evaluated.diagnostics())
        .isNotEmpty()
        .first()
        .satisfies(d -> {
          assertThat(d.line()).isEqualTo(6);
          assertThat(d.message()).contains("nonsense");
        });
  }

  @Test
  void codeInDefine_reachesNothingOfTheHost() throws Exception {
    Path secret = Files.writeString(data.resolve("secret"), "canary");
    Path mark = Path.of("/tmp", "holdfast-" + data.getFileName());
    Evaluated evaluated =
        evaluate(
            "try { java.nio.file.Files.writeString(java.nio.file.Path.of(\"%s\"), \"x\"); throw new IllegalStateException(java.nio.file.Files.readString(java.nio.file.Path.of(\"%s\"))); } catch (java.io.IOException e) { throw new IllegalStateException(\"blocked \" + e); }"
                .formatted(mark, secret),
            Duration.ofSeconds(60));
    assertThat(evaluated.diagnostics())
        .isNotEmpty()
        .allSatisfy(d -> assertThat(d.message()).contains("NoSuchFile").doesNotContain("canary"));
    assertThat(mark).doesNotExist();
  }

  @Test
  void codeThatDoesNotEnd_isEnded() {
    assertThatThrownBy(
            () -> evaluate("while (true) { Thread.onSpinWait(); }", Duration.ofSeconds(5)))
        .isInstanceOf(CompileFailed.class)
        .hasMessageContaining("longer than 5 s");
  }

  @Test
  void codeThatEndsTheRunner_isSaidSo() {
    assertThatThrownBy(
            () -> evaluate("Runtime.getRuntime().halt(0); return null;", Duration.ofSeconds(60)))
        .isInstanceOf(CompileFailed.class)
        .hasMessageContaining("the runner ended before it had evaluated");
  }
}

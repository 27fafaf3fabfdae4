package dev.holdfast.runner;

import static dev.holdfast.runner.TestAgent.order;
import static dev.holdfast.runner.TestAgent.push;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.ToRunner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CodeStepsTest {
  /** Lets code end that the runner cannot end, as it would with its process. */
  @AfterEach
  void end() {
    System.setProperty("stop", "true");
  }

  @BeforeEach
  void begin() {
    System.clearProperty("stop");
  }

  @Test
  void code_sees_the_run_as_data_and_gives_outputs_and_a_summary() throws IOException {
    var hostile = "$(touch${IFS}pwned)";
    var sources =
        sources(
            """
            .step("look", ctx -> {
              ctx.log(ctx.workflow() + " " + ctx.job() + " " + ctx.run() + " " + ctx.env("CI"));
              ctx.log(ctx.event().kind() + " " + ctx.event().ref() + " " + ctx.commit().shortSha());
              ctx.log(ctx.matrix("os") + " " + ctx.needs("build").output("version"));
              ctx.sh("printf '%s\\\\n' \\"$HOLDFAST_REF\\"; ls; echo c=d >>$HOLDFAST_OUTPUT");
              System.out.println("out");
              System.err.println("err");
              ctx.output("caught", ctx.capture("echo x; exit 3").toString());
              ctx.summary("# Good");
              ctx.log(String.valueOf(ctx.workspace().toFile().isDirectory()));
            })
            """);
    Job job = job(sources);

    var heard =
        TestAgent.run(workspace ->
            new ToRunner.RunJob(
                order(workspace, push(hostile), job).workflow(),
                new PlannedJob("test[os=linux]", Map.of("os", "linux"), List.of("build"), job),
                order(workspace, push(hostile), job).event(),
                workspace.toString(),
                Map.of("PATH", "/usr/bin:/bin", "CI", "true", "HOLDFAST_RUN", "run_1"),
                java.util.Optional.of(sources),
                Map.of("build", Map.of("version", "1.2"))));

    assertThat(heard.text())
        .isEqualTo(
            """
            ci test[os=linux] run_1 true
            PUSH $(touch${IFS}pwned) 0123456
            linux 1.2
            $(touch${IFS}pwned)
            out
            err
            true
            """);
    assertThat(heard.outputs())
        .containsOnly(entry("caught", "Captured[exitCode=3, output=x\n]"), entry("c", "d"));
    assertThat(heard.summary()).isEqualTo("# Good\n");
    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(heard.classes()).isNotNull();
  }

  @Test
  void cached_classes_run_without_a_compiler() throws IOException {
    var sources = sources(".step(\"a\", ctx -> ctx.log(\"ran\"))");
    Job job = job(sources);
    byte[] classes = java.util.Objects.requireNonNull(run(sources, job, null).classes());

    // Sources that no compiler would take show that none was asked.
    var heard = run(new Sources(Map.of("Ci.java", "nonsense")), job, classes);

    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(heard.text()).isEqualTo("ran\n");
    assertThat(heard.classes()).isNull();
    assertThat(run(sources, job, null).classes()).isEqualTo(classes);
    assertThat(run(new Sources(Map.of("Ci.java", "nonsense")), job, null).outcome())
        .isInstanceOfSatisfying(
            Outcome.Refused.class, r -> assertThat(r.reason()).contains("do not compile"));
    assertThat(run(sources, job, new byte[] {1, 2, 3}).outcome())
        .isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void a_definition_other_than_the_planned_one_is_refused() throws IOException {
    var planned = job(sources(".step(\"a\", ctx -> {})"));
    var changed = sources(".step(\"a\", ctx -> {}).step(\"b\", sh(\"true\"))");
    var renamed = new Sources(Map.of("Ci.java", source(".step(\"a\", ctx -> {})", "other")));

    assertThat(run(changed, planned, null).outcome())
        .isEqualTo(
            new Outcome.Refused(
                "the workflow ci in .holdfast/*.java defines the job test otherwise than the lock"
                    + " file; run `holdfast compile` and commit the lock file"));
    assertThat(run(renamed, planned, null).outcome())
        .isEqualTo(
            new Outcome.Refused(
                "the workflow ci in .holdfast/*.java has no job test; run `holdfast compile` and"
                    + " commit the lock file"));
  }

  @Test
  void code_that_throws_fails_with_its_reason_and_line() throws IOException {
    var sources =
        sources(
            """
            .step("throws", ctx -> {
              throw new IllegalStateException("no\\nluck");
            })
            .step("tidy", code(ctx -> ctx.log("tidied")).when(When.ALWAYS))
            """);

    var heard = run(sources, job(sources), null);

    assertThat(heard.results())
        .containsExactly(
            new StepResult.Failed(1, "IllegalStateException: no; luck (Ci.java:8)"),
            new StepResult.Succeeded());
    assertThat(heard.outcome())
        .isEqualTo(
            new Outcome.Failed(
                "the step \"throws\" failed: IllegalStateException: no; luck (Ci.java:8)", 1));
    assertThat(heard.text())
        .contains("(Ci.java:8)\n")
        .doesNotContain("JobCode")
        .endsWith("tidied\n");
  }

  @Test
  void a_script_that_fails_gives_the_step_its_exit_code() throws IOException {
    var sources = sources(".step(\"a\", ctx -> ctx.sh(\"echo no; exit 42\"))");

    assertThat(run(sources, job(sources), null).results())
        .containsExactly(new StepResult.Failed(42, "a script ended with exit code 42 (Ci.java:7)"));
  }

  @Test
  void code_that_exhausts_stack_or_memory_fails() throws IOException {
    var sources =
        sources(
            """
            .step("deep", ctx -> deep(1))
            .step("wide", code(ctx -> { throw new OutOfMemoryError("heap"); }).when(When.ALWAYS))
            """);

    assertThat(run(sources, job(sources), null).results())
        .extracting(r -> ((StepResult.Failed) r).reason().replaceAll(" .*", ""))
        .containsExactly("StackOverflowError", "OutOfMemoryError:");
  }

  @Test
  void code_that_sleeps_or_spins_or_waits_for_a_script_times_out() throws IOException {
    for (String body :
        List.of(
            "Thread.sleep(60_000);",
            "while (!Boolean.getBoolean(\"stop\")) {}",
            "ctx.sh(\"sleep 60\");")) {
      var sources = sources(".step(\"a\", code(ctx -> {" + body + "}).timeout(\"1s\"))");
      long start = System.nanoTime();

      assertThat(run(sources, job(sources), null).results())
          .containsExactly(new StepResult.TimedOut());
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(12));
    }
  }

  @Test
  void a_definition_that_never_ends_can_be_cancelled() throws IOException {
    var sources = new Sources(Map.of("Ci.java", source(endless(), "ci")));
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(TestAgent.with(order(agent.workspace, TestAgent.code("a")), sources));
      agent.send(new ToRunner.Cancel());

      assertThat(agent.hear().outcome()).isEqualTo(new Outcome.Cancelled());
    }
  }

  @Test
  void a_flood_of_lines_is_complete_also_when_cancelled_in_the_middle() throws IOException {
    var sources =
        sources(
            """
            .step("flood", ctx -> {
              for (int i = 0; i < 500_000; i++) ctx.log("line " + i);
            })
            .step("endless", ctx -> { while (!Boolean.getBoolean("stop")) System.out.println("more"); })
            """);
    Job job = job(sources);
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(with(agent.workspace, sources, job));
      var cancelled = new boolean[1];
      var heard =
          agent.hear(frame -> {
            if (!cancelled[0] && isMore(frame)) {
              cancelled[0] = true;
              try {
                agent.send(new ToRunner.Cancel());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
          });

      assertThat(heard.messages().getLast())
          .isEqualTo(new FromRunner.JobFinished(new Outcome.Cancelled()));
      String text = heard.text();
      var expected = new StringBuilder();
      for (int i = 0; i < 500_000; i++) {
        expected.append("line ").append(i).append('\n');
      }
      assertThat(text.startsWith(expected.toString())).isTrue();
    }
  }

  private static boolean isMore(Frame frame) {
    return frame.kind() == FrameKind.LOG
        && new String(frame.payload(), StandardCharsets.UTF_8).contains("more\n");
  }

  private static String endless() {
    return ".step(\"a\", sh(String.valueOf(endless())))";
  }

  private static TestAgent.Heard run(
      Sources sources, Job job, byte @org.jspecify.annotations.Nullable [] classes)
      throws IOException {
    try (var agent = new TestAgent()) {
      agent.hello();
      if (classes != null) {
        agent.sendClasses(classes);
      }
      agent.send(with(agent.workspace, sources, job));
      return agent.hear();
    }
  }

  private static ToRunner.RunJob with(Path workspace, Sources sources, Job job) {
    return TestAgent.with(order(workspace, push("main"), job), sources);
  }

  static Sources sources(String steps) {
    return new Sources(Map.of("Ci.java", source(steps, "ci")));
  }

  /** The steps start at line 7 of Ci.java. */
  private static String source(String steps, String workflow) {
    return """
    import dev.holdfast.sdk.*;
    import static dev.holdfast.sdk.Workflows.*;

    class Ci implements WorkflowSource {
      public Workflow define() {
        return workflow("%s").on(push()).jobs(job("test")
    %s);
      }
      static int deep(int n) { return deep(n + 1) + 1; }
      static int exit() { System.exit(0); return 0; }
      static int endless() { while (!Boolean.getBoolean("stop")) { Thread.onSpinWait(); } return 0; }
    }
    """
        .formatted(workflow, steps.strip());
  }

  /** The job as an evaluation gives it, which is what is planned. */
  static Job job(Sources sources) throws IOException {
    var evaluated = EvaluationTest.evaluate(sources.files());
    assertThat(evaluated.diagnostics()).isEmpty();
    Workflow workflow = evaluated.workflows().getFirst();
    return workflow.jobs().getFirst();
  }
}

package dev.holdfast.runner;

import static dev.holdfast.runner.TestAgent.order;
import static dev.holdfast.runner.TestAgent.push;
import static dev.holdfast.runner.TestAgent.sh;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.ToRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The runner as it is started: a process of its own. */
@Timeout(60)
class ProcessTest {
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin/java").toString();

  @Test
  void it_runs_a_job_and_ends_well() throws Exception {
    try (var agent = start()) {
      assertThat(agent.hello()).isEqualTo(new FromRunner.Hello(FromRunner.VERSION));
      agent.send(order(agent.workspace, sh("a", "echo hello")));

      assertThat(agent.hear().text()).isEqualTo("hello\n");
      assertThat(exitCode(agent)).isZero();
    }
  }

  @Test
  void it_ends_with_all_it_started_when_its_agent_goes_away() throws Exception {
    try (var agent = start()) {
      agent.hello();
      Path pid = agent.workspace.resolve("pid");
      agent.send(
          order(agent.workspace, sh("a", "echo $$ >pid.new; mv pid.new pid; exec sleep 55")));
      while (!Files.exists(pid)) {
        Thread.onSpinWait();
      }
      var child = ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
      agent.socket.close();

      assertThat(exitCode(agent)).isEqualTo(3);
      assertThat(child.onExit().get(5, TimeUnit.SECONDS).isAlive()).isFalse();
    }
  }

  @Test
  void a_step_that_calls_exit_has_failed_and_its_log_is_complete() throws Exception {
    var sources =
        CodeStepsTest.sources(
            ".step(\"a\", ctx -> { ctx.log(\"bye\"); System.exit(0); })"
                + ".step(\"b\", ctx -> ctx.log(\"no\"))");
    var job = CodeStepsTest.job(sources);
    try (var agent = start()) {
      agent.hello();
      agent.send(TestAgent.with(order(agent.workspace, push("main"), job), sources));
      var heard = agent.hear();

      var reason = "its code ended the Java process, as by System.exit; return or throw instead";
      assertThat(heard.text()).isEqualTo("bye\n");
      assertThat(heard.results()).containsExactly(new StepResult.Failed(1, reason));
      assertThat(heard.outcome())
          .isEqualTo(new Outcome.Failed("the step \"a\" failed: " + reason, 1));
    }
  }

  @Test
  void a_define_that_calls_exit_is_said() throws Exception {
    var sources = CodeStepsTest.sources(".step(String.valueOf(exit()), ctx -> {})");
    try (var agent = start()) {
      agent.hello();
      agent.send(new ToRunner.Evaluate(sources));

      assertThat(agent.hear().evaluated().diagnostics())
          .containsExactly(
              new FromRunner.Diagnostic("", 0, "define ended the Java process, as by System.exit"));
    }
    try (var agent = start()) {
      agent.hello();
      agent.send(TestAgent.with(order(agent.workspace, TestAgent.code("a")), sources));

      assertThat(agent.hear().outcome())
          .isEqualTo(
              new Outcome.Refused(
                  "the workflow's define ended the Java process, as by System.exit"));
    }
  }

  @Test
  void it_rehearses() throws Exception {
    var process =
        new ProcessBuilder(
                JAVA,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "rehearse")
            .inheritIO()
            .start();

    assertThat(process.waitFor()).isZero();
  }

  private static TestAgent start() throws IOException {
    return new TestAgent(
        true,
        JAVA,
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx128m",
        "-cp",
        System.getProperty("java.class.path"),
        Main.class.getName(),
        "run");
  }

  private static int exitCode(TestAgent agent) throws InterruptedException {
    return Objects.requireNonNull(agent.process).waitFor();
  }
}

package dev.holdfast.runner;

import static dev.holdfast.runner.TestAgent.order;
import static dev.holdfast.runner.TestAgent.run;
import static dev.holdfast.runner.TestAgent.sh;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.ToRunner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StoppingTest {
  private static final TimeLimit SECOND = new TimeLimit("1s");

  @Test
  void a_step_that_takes_too_long_is_ended_with_all_it_started_and_tidying_goes_on()
      throws IOException {
    var heard =
        run(
            sh("slow", "sleep 99 & (setsid sleep 98 &) ; echo started; sleep 97", SECOND),
            sh("next", "echo no"),
            sh(
                "mend",
                "ps -eo args | grep 'sleep 9[789]' | grep -v grep || true; echo mended",
                When.FAILURE));

    assertThat(heard.text()).isEqualTo("started\nmended\n");
    assertThat(heard.results())
        .containsExactly(
            new StepResult.TimedOut(), new StepResult.Skipped(), new StepResult.Succeeded());
    assertThat(heard.outcome())
        .isEqualTo(new Outcome.TimedOut("the step \"slow\" took longer than its 1s"));
  }

  @Test
  void a_step_that_ignores_signals_is_ended_by_force() throws IOException {
    long start = System.nanoTime();

    var heard = run(sh("deaf", "trap '' TERM INT HUP; while :; do sleep 1; done", SECOND));

    assertThat(heard.results()).containsExactly(new StepResult.TimedOut());
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
  }

  @Test
  void a_job_that_takes_too_long_skips_everything_else() throws IOException {
    var job = TestAgent.job(sh("slow", "sleep 60"), sh("tidy", "echo no", When.ALWAYS));
    var limited = limited(job);

    var heard = run(workspace -> order(workspace, TestAgent.push("main"), limited));

    assertThat(heard.results())
        .containsExactly(new StepResult.TimedOut(), new StepResult.Skipped());
    assertThat(heard.outcome())
        .isEqualTo(new Outcome.TimedOut("the job took longer than its 1s, in the step \"slow\""));
    assertThat(heard.text()).isEmpty();
  }

  @Test
  void a_cancel_stops_the_step_and_leaves_tidying_its_time() throws IOException {
    var heard =
        cancelled(
            1,
            sh("slow", "echo started; sleep 60"),
            sh("next", "echo no"),
            sh("on failure", "echo no", When.FAILURE),
            sh("tidy", "echo tidied", When.ALWAYS));

    assertThat(heard.text()).isEqualTo("started\ntidied\n");
    assertThat(heard.results())
        .containsExactly(
            new StepResult.Cancelled(),
            new StepResult.Skipped(),
            new StepResult.Skipped(),
            new StepResult.Succeeded());
    assertThat(heard.outcome()).isEqualTo(new Outcome.Cancelled());
  }

  @Test
  void a_second_cancel_stops_everything_at_once() throws IOException {
    long start = System.nanoTime();

    var heard =
        cancelled(
            2,
            sh("deaf", "trap '' TERM; echo started; while :; do sleep 60; done"),
            sh("tidy", "echo no", When.ALWAYS));

    assertThat(heard.text()).isEqualTo("started\n");
    assertThat(heard.results())
        .containsExactly(new StepResult.Cancelled(), new StepResult.Skipped());
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void the_agent_going_away_is_noticed_while_a_step_runs() throws Exception {
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(order(agent.workspace, sh("slow", "sleep 30")));
      agent.socket.close();

      assertThat(agent.lost.await(5, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static TestAgent.Heard cancelled(int times, Step... steps) throws IOException {
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(order(agent.workspace, steps));
      var sent = new AtomicInteger();
      return agent.hear(frame -> {
        if (isStart(frame) && sent.get() == 0) {
          try {
            while (sent.getAndIncrement() < times) {
              agent.send(new ToRunner.Cancel());
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      });
    }
  }

  private static boolean isStart(Frame frame) {
    return frame.kind() == FrameKind.LOG
        && new String(frame.payload(), StandardCharsets.UTF_8).contains("started");
  }

  private static Job limited(Job job) {
    return new Job(
        job.name(),
        List.of(),
        List.of(),
        Optional.empty(),
        job.env(),
        job.matrix(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(SECOND),
        job.steps());
  }
}

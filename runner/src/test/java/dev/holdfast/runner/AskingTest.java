package dev.holdfast.runner;

import static dev.holdfast.runner.TestAgent.order;
import static dev.holdfast.runner.TestAgent.secret;
import static dev.holdfast.runner.TestAgent.sh;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.ToRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A step that needs something asks, and starts when it is told that it may. */
@Timeout(60)
class AskingTest {
  private static final Step ASKS = secret("asks", "echo in", "DEPLOY");

  @Test
  void aStepThatNeedsSomethingAsks_andOthersDoNot() throws IOException {
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(order(agent.workspace, sh("plain", "echo plain"), ASKS));
      var heard =
          agent.answering(message -> {
            if (message instanceof FromRunner.StepWaits(int step)) {
              agent.send(new ToRunner.StepMayStart(step, Map.of(), false));
            }
          });
      assertThat(heard.text()).isEqualTo("plain\nin\n");
      assertThat(heard.messages())
          .containsExactly(
              new FromRunner.StepStarted(0),
              new FromRunner.StepFinished(0, new StepResult.Succeeded()),
              new FromRunner.StepWaits(1),
              new FromRunner.StepStarted(1),
              new FromRunner.StepFinished(1, new StepResult.Succeeded()),
              new FromRunner.JobFinished(new Outcome.Succeeded()));
    }
  }

  @Test
  void aStepThatIsTurnedAway_endsAsItWasTold() throws IOException {
    var failed = new StepResult.Failed(1, "nobody let it through");
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(order(agent.workspace, ASKS, sh("after", "echo after")));
      var heard =
          agent.answering(message -> {
            if (message instanceof FromRunner.StepWaits(int step)) {
              agent.send(new ToRunner.StepEnds(step, failed));
            }
          });
      assertThat(heard.text()).isEmpty();
      assertThat(heard.results()).containsExactly(failed, new StepResult.Skipped());
      assertThat(heard.outcome())
          .isEqualTo(
              new Outcome.Failed("the step \"asks\" failed: nobody let it through", 1));
    }
  }

  @Test
  void aStepThatWaits_isCancelled() throws IOException {
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(order(agent.workspace, ASKS));
      var heard =
          agent.answering(message -> {
            if (message instanceof FromRunner.StepWaits) {
              agent.send(new ToRunner.Cancel());
            }
          });
      assertThat(heard.results()).containsExactly(new StepResult.Cancelled());
      assertThat(heard.outcome()).isEqualTo(new Outcome.Cancelled());
    }
  }

  @Test
  void anAnswerThatNobodyWaitsFor_endsTheRunner() throws Exception {
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(order(agent.workspace, sh("plain", "sleep 30")));
      agent.send(new ToRunner.StepMayStart(0, Map.of(), false));
      assertThat(agent.lost.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void whileAStepWaits_theTimeOfTheJobStandsStill() throws IOException {
    try (var agent = new TestAgent()) {
      var marker = agent.workspace.resolve("waited");
      agent.hello();
      Job job = TestAgent.job(ASKS, sh("after", "echo after"));
      var brief =
          new Job(
              job.name(),
              job.needs(),
              job.runsOn(),
              job.image(),
              job.env(),
              job.matrix(),
              job.directory(),
              job.when(),
              Optional.of(new TimeLimit("2s")),
              job.steps());
      agent.send(order(agent.workspace, TestAgent.push("main"), brief));
      long asked = System.nanoTime();
      var heard =
          agent.answering(message -> {
            if (message instanceof FromRunner.StepWaits(int step)) {
              // Longer than the job may take.
              while (System.nanoTime() - asked < TimeUnit.SECONDS.toNanos(3)) {
                Thread.onSpinWait();
              }
              Files.createFile(marker);
              agent.send(new ToRunner.StepMayStart(step, Map.of(), false));
            }
          });
      assertThat(marker).exists();
      assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
    }
  }
}

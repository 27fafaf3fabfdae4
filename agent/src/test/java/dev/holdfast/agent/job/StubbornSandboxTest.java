package dev.holdfast.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.FromRunner;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A sandbox that does not go: the outcome stands, and the place stays taken until it is gone. */
@Timeout(60)
class StubbornSandboxTest {
  private Path data = Path.of("/nowhere");

  @BeforeEach
  void makeData() throws Exception {
    data = TestWorkshop.data();
  }

  @AfterEach
  void removeData() throws Exception {
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private JobExecution execution(ScriptedBackend backend, Heard heard) throws Exception {
    var workshop =
        TestWorkshop.of(
            data, backend, Jobs.oneFile(), new RunnerDistribution(data, "for this test"));
    return new JobExecution(Jobs.commands("true"), workshop, heard);
  }

  private static ScriptedBackend honest() {
    return ScriptedBackend.talking(wire -> {
      wire.begin();
      wire.say(new FromRunner.StepStarted(0));
      wire.say(new FromRunner.StepFinished(0, new StepResult.Succeeded()));
      wire.say(new FromRunner.JobFinished(new Outcome.Succeeded()));
    });
  }

  @Test
  void theOutcomeStandsAndThePlaceIsWaitedFor() throws Exception {
    ScriptedBackend backend = honest();
    backend.stubborn.set(1);
    var heard = new Heard();
    JobExecution execution = execution(backend, heard);
    execution.run();
    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(execution.leftSomething()).isTrue();
    assertThat(data.resolve("job")).isNotEmptyDirectory();
    execution.awaitGone();
    assertThat(execution.leftSomething()).isFalse();
    assertThat(backend.alive).hasValue(0);
    assertThat(data.resolve("job")).isEmptyDirectory();
  }

  @Test
  void positiveControl_aSandboxThatGoesIsNotWaitedFor() throws Exception {
    ScriptedBackend backend = honest();
    var heard = new Heard();
    JobExecution execution = execution(backend, heard);
    execution.run();
    assertThat(execution.leftSomething()).isFalse();
    assertThat(data.resolve("job")).isEmptyDirectory();
  }
}

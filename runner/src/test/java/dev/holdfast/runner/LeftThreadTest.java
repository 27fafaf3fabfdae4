package dev.holdfast.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.run.StepResult;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What docs/egress.md and docs/secrets.md say cannot be had: code of one job is one process. */
@Timeout(60)
class LeftThreadTest {
  @Test
  void aThreadThatCodeWhichInstallsLeavesBehind_livesOnInLaterSteps() throws IOException {
    Sources sources =
        CodeStepsTest.sources(
            """
            .step("fetch", code(ctx -> {
              var left = new Thread(
                  () -> java.util.concurrent.locks.LockSupport.parkNanos(30_000_000_000L),
                  "left behind");
              left.setDaemon(true);
              left.start();
            }).install())
            .step("build", ctx -> ctx.log("it lives: "
                + Thread.getAllStackTraces().keySet().stream()
                    .anyMatch(one -> one.getName().equals("left behind"))))
            """);
    Job job = CodeStepsTest.job(sources);
    assertThat(job.installs()).isTrue();
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(
          TestAgent.with(TestAgent.order(agent.workspace, TestAgent.push("main"), job), sources));
      var heard = agent.giving(Map.of(), Map.of());
      assertThat(heard.results())
          .containsExactly(new StepResult.Succeeded(), new StepResult.Succeeded());
      assertThat(heard.text()).isEqualTo("it lives: true\n");
    }
  }
}

package dev.holdfast.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.agent.checkout.CheckoutFailed;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whole jobs, by the real runner in real sandboxes. */
@Timeout(120)
abstract class JobExecutionContract {
  private Path data = Path.of("/nowhere");
  private final Heard heard = new Heard();

  abstract SandboxBackend backend(Path data) throws Exception;

  @BeforeEach
  void makeData() throws Exception {
    data = TestWorkshop.data();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    assertThat(data.resolve("job")).isEmptyDirectory();
    new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
  }

  private Workshop workshop(SandboxBackend backend) throws Exception {
    return TestWorkshop.of(data, backend, Jobs.oneFile(), TestWorkshop.built());
  }

  private void run(Lease lease) throws Exception {
    try (SandboxBackend backend = backend(data)) {
      new JobExecution(lease, workshop(backend), heard).run();
    }
  }

  @Test
  void commandsRun_inOrderOverTheCheckout() throws Exception {
    run(
        Jobs.commands(
            "cat README; echo; echo a >made; id -u",
            "cat made; echo version=7 >>$HOLDFAST_OUTPUT"));
    assertThat(heard.log()).startsWith("of " + "a".repeat(40) + "\n").endsWith("\na\n");
    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(heard.kinds())
        .containsExactly(
            "Started",
            "StepStarted",
            "StepFinished",
            "StepStarted",
            "Output",
            "StepFinished",
            "Finished");
    assertThat(((AttemptEvent.Finished) heard.events().getLast()).logLength())
        .isEqualTo(heard.logLength());
    // Again, warm, for the figures in the log.
    run(Jobs.commands("echo warm"));
    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
  }

  @Test
  void aFailedStep_failsTheJobWithItsCode() throws Exception {
    run(Jobs.commands("exit 7", "echo never"));
    assertThat(heard.outcome())
        .isInstanceOfSatisfying(Outcome.Failed.class, f -> assertThat(f.exitCode()).isEqualTo(7));
    assertThat(heard.log()).isEmpty();
  }

  @Test
  void theEnvironment_holdsNothingOfTheAgents() throws Exception {
    run(Jobs.commands("env"));
    assertThat(
            heard
                .log()
                .lines()
                .map(line -> line.substring(0, Math.max(0, line.indexOf('='))))
                .filter(n -> !n.startsWith("HOLDFAST")))
        .isSubsetOf("PATH", "HOME", "LANG", "TMPDIR", "CI", "PWD", "SHLVL", "_", "OLDPWD")
        .contains("PATH", "HOME", "LANG", "TMPDIR", "CI");
  }

  @Test
  void aMegabyteOfOutput_arrivesWhole() throws Exception {
    run(Jobs.commands("head -c 5000000 /dev/zero | tr '\\0' x"));
    assertThat(heard.logLength()).isEqualTo(5_000_000);
  }

  @Test
  void cancel_endsItAsCancelled() throws Exception {
    try (SandboxBackend backend = backend(data)) {
      var execution =
          new JobExecution(Jobs.commands("echo up; sleep 600"), workshop(backend), heard);
      Thread thread = runs(execution);
      await().atMost(Duration.ofSeconds(60)).until(() -> heard.log().equals("up\n"));
      execution.cancel();
      thread.join(Duration.ofSeconds(60));
    }
    assertThat(heard.outcome()).isEqualTo(new Outcome.Cancelled());
  }

  @Test
  void cancelOfAJobThatIgnoresIt_endsAfterTheGrace() throws Exception {
    try (SandboxBackend backend = backend(data)) {
      // Stopping the runner itself is what a hostile step would do.
      var execution =
          new JobExecution(
              Jobs.commands(
                  "echo up; for p in /proc/[0-9]*; do if grep -q [h]oldfast.runner.Main $p/cmdline; then kill -STOP ${p#/proc/}; fi; done; sleep 600"),
              workshop(backend),
              heard);
      Thread thread = runs(execution);
      await().atMost(Duration.ofSeconds(60)).until(() -> heard.kinds().contains("StepStarted"));
      execution.cancel();
      thread.join(Duration.ofSeconds(60));
    }
    assertThat(heard.outcome()).isEqualTo(new Outcome.Cancelled());
  }

  @Test
  void aLostLease_isSilent() throws Exception {
    try (SandboxBackend backend = backend(data)) {
      var execution =
          new JobExecution(Jobs.commands("echo up; sleep 600"), workshop(backend), heard);
      Thread thread = runs(execution);
      await().atMost(Duration.ofSeconds(60)).until(() -> heard.log().equals("up\n"));
      execution.abandon();
      thread.join(Duration.ofSeconds(60));
    }
    assertThat(heard.kinds()).doesNotContain("Finished", "StepFinished");
  }

  @Test
  void aKilledRunner_isTheJobsFaultOnceItsStepsRun() throws Exception {
    run(
        Jobs.commands(
            "for p in /proc/[0-9]*; do if grep -q [h]oldfast.runner.Main $p/cmdline; then kill -9 ${p#/proc/}; fi; done; sleep 600"));
    assertThat(heard.outcome())
        .isInstanceOfSatisfying(
            Outcome.Failed.class, f -> assertThat(f.reason()).contains("in step 1"));
  }

  @Test
  void aCommitThatIsGone_isRefusedAndAnAbsentRepositoryBroken() throws Exception {
    for (boolean lasting : new boolean[] {true, false}) {
      try (SandboxBackend backend = backend(data)) {
        var workshop =
            TestWorkshop.of(
                data,
                backend,
                (source, workspace) -> {
                  throw new CheckoutFailed("demo has no such commit", lasting, null);
                },
                TestWorkshop.built());
        new JobExecution(Jobs.commands("true"), workshop, heard).run();
      }
      assertThat(heard.outcome())
          .isEqualTo(
              lasting
                  ? new Outcome.Refused("demo has no such commit")
                  : new Outcome.Broken("demo has no such commit"));
    }
  }

  private static Thread runs(JobExecution execution) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            execution.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }
}

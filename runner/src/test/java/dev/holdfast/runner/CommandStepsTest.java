package dev.holdfast.runner;

import static dev.holdfast.runner.TestAgent.order;
import static dev.holdfast.runner.TestAgent.push;
import static dev.holdfast.runner.TestAgent.run;
import static dev.holdfast.runner.TestAgent.sh;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.FromRunner;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CommandStepsTest {
  private static final StepResult SUCCEEDED = new StepResult.Succeeded();
  private static final StepResult SKIPPED = new StepResult.Skipped();

  @Test
  void steps_run_in_order_and_say_when_they_start_and_end() throws IOException {
    var heard = run(sh("a", "echo one; echo two >&2"), sh("b", "echo three"));

    assertThat(heard.text()).isEqualTo("one\ntwo\nthree\n");
    assertThat(heard.messages())
        .containsExactly(
            new FromRunner.StepStarted(0),
            new FromRunner.StepFinished(0, SUCCEEDED),
            new FromRunner.StepStarted(1),
            new FromRunner.StepFinished(1, SUCCEEDED),
            new FromRunner.JobFinished(new Outcome.Succeeded()));
  }

  @Test
  void a_failed_step_skips_the_rest_but_those_that_want_a_failure() throws IOException {
    var heard =
        run(
            sh("good", "true"),
            sh("not yet", "echo no", When.FAILURE),
            sh("bad", "exit 7"),
            sh("after", "echo no"),
            sh("mend", "echo mended", When.FAILURE),
            sh("tidy", "echo tidied; exit 9", When.ALWAYS));

    assertThat(heard.text()).isEqualTo("mended\ntidied\n");
    assertThat(heard.results())
        .containsExactly(
            SUCCEEDED,
            SKIPPED,
            new StepResult.Failed(7, "exit code 7"),
            SKIPPED,
            SUCCEEDED,
            new StepResult.Failed(9, "exit code 9"));
    assertThat(heard.outcome())
        .isEqualTo(new Outcome.Failed("the step \"bad\" failed: exit code 7", 7));
  }

  @Test
  void a_script_stops_at_its_first_failing_command() throws IOException {
    assertThat(run(sh("a", "echo before\nfalse\necho after")).text()).isEqualTo("before\n");
  }

  @Test
  void a_script_reaches_the_shell_as_it_was_written() throws IOException {
    var quotes = "printf '%s|' \"it's $((6*7))\" '$HOME `x`' \"\\$(reboot)\"; printf '\\\\'";

    assertThat(run(sh("q", quotes)).text()).isEqualTo("it's 42|$HOME `x`|$(reboot)|\\");
    assertThat(run(sh("dash", "-no-such-command || echo went on")).text()).endsWith("went on\n");
  }

  @Test
  void a_script_longer_than_an_argument_may_be_runs() throws IOException {
    var script = "echo start\n" + "# é\n".repeat(30_000) + "echo end $#\n";

    assertThat(run(sh("long", script)).text()).isEqualTo("start\nend 0\n");
  }

  @Test
  void the_environment_is_what_was_ordered_and_nothing_of_the_runner() throws IOException {
    var step =
        new Step.Command(
            "env",
            "env | sort",
            Map.of("MINE", "a b"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    var lines = run(step).text().lines().map(l -> l.replaceAll("holdfast-\\d+-\\d+", "X")).toList();

    assertThat(lines)
        .filteredOn(l -> !l.startsWith("PWD=") && !l.startsWith("_="))
        .containsExactly(
            "CI=true",
            "HOLDFAST_COMMIT=" + TestAgent.COMMIT,
            "HOLDFAST_EVENT=push",
            "HOLDFAST_EVENT_FILE=/tmp/X/event.json",
            "HOLDFAST_JOB=test",
            "HOLDFAST_OUTPUT=/tmp/X/output-0",
            "HOLDFAST_REF=main",
            "HOLDFAST_RUN=run_1",
            "HOLDFAST_SUMMARY=/tmp/X/summary-0",
            "HOLDFAST_WORKFLOW=ci",
            "MINE=a b",
            "PATH=/usr/bin:/bin");
  }

  @Test
  void a_hostile_branch_name_is_data() throws IOException {
    var hostile = "$(touch${IFS}pwned)`id`;reboot";

    var heard =
        run(workspace ->
            order(
                workspace,
                push(hostile),
                TestAgent.job(
                    sh("see", "printf '%s\\n' \"$HOLDFAST_REF\"; ls; cat $HOLDFAST_EVENT_FILE"),
                    // The control: the same text does run where an author asks for it.
                    sh("control", "eval \"echo $HOLDFAST_REF\" || true; ls"))));

    assertThat(heard.text()).startsWith(hostile + "\n{").contains("\"ref\":\"" + hostile);
    assertThat(heard.text().lines().filter("pwned"::equals)).hasSize(1);
    assertThat(heard.text()).endsWith("pwned\n");
  }

  @Test
  void a_directory_that_is_not_there_is_said() throws IOException {
    var step =
        new Step.Command(
            "d", "true", Map.of(), Optional.of("no/such"), Optional.empty(), Optional.empty());

    assertThat(run(step).results().getFirst())
        .isInstanceOfSatisfying(
            StepResult.Failed.class, f -> assertThat(f.reason()).contains("no/such", "not there"));
  }

  @Test
  void standard_input_is_empty() throws IOException {
    assertThat(run(sh("in", "cat; echo done")).text()).isEqualTo("done\n");
  }

  @Test
  void a_signal_is_said() throws IOException {
    assertThat(run(sh("k", "kill -9 $$")).results())
        .containsExactly(
            new StepResult.Failed(
                137, "exit code 137, killed, as by the kernel when memory runs out"));
  }
}

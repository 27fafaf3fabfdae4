package dev.holdfast.runner;

import static dev.holdfast.runner.TestAgent.run;
import static dev.holdfast.runner.TestAgent.sh;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.ToRunner;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OutputsTest {
  @Test
  void outputs_and_summary_of_commands_are_sent() throws IOException {
    var heard =
        run(
            sh(
                "give",
                """
                echo "version=1.2=3" >>$HOLDFAST_OUTPUT
                printf 'notes<<END\\none\\n two = 2\\n\\nEND\\nempty=\\n' >>$HOLDFAST_OUTPUT
                echo '# Fine' >>$HOLDFAST_SUMMARY
                """),
            sh("more", "echo version=2 >>$HOLDFAST_OUTPUT; echo '* more' >>$HOLDFAST_SUMMARY"));

    assertThat(heard.outputs())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("version", "2", "notes", "one\n two = 2\n", "empty", ""));
    assertThat(heard.summary()).isEqualTo("# Fine\n* more\n");
  }

  @Test
  void a_failing_step_gives_its_summary_all_the_same() throws IOException {
    var heard = run(sh("fail", "echo bad news >>$HOLDFAST_SUMMARY; exit 3"));

    assertThat(heard.summary()).isEqualTo("bad news\n");
    assertThat(heard.results()).containsExactly(new StepResult.Failed(3, "exit code 3"));
  }

  @Test
  void bad_lines_fail_the_step_and_say_which() throws IOException {
    assertThat(refusal("echo good=1; echo nonsense"))
        .isEqualTo("line 2 of $HOLDFAST_OUTPUT is \"nonsense\"; write name=value");
    assertThat(refusal("echo 'a b=1'")).startsWith("line 1 of $HOLDFAST_OUTPUT: \"a b\" is not");
    assertThat(refusal("printf 'a<<END\\nb\\n'"))
        .isEqualTo(
            "line 1 of $HOLDFAST_OUTPUT starts a value of several lines, but there is no line"
                + " \"END\" at its end");
    assertThat(refusal("printf a=; head -c 40000 /dev/zero | tr '\\0' x"))
        .isEqualTo(
            "line 1 of $HOLDFAST_OUTPUT: the output a is longer than 32 KiB or holds a NUL"
                + " character; keep it in a file instead");
    assertThat(refusal("head -c 9000000 /dev/zero"))
        .isEqualTo("$HOLDFAST_OUTPUT has more than 4096 KiB");
  }

  @Test
  void a_pipe_or_link_in_place_of_the_file_fails_the_step_and_holds_up_nothing()
      throws IOException {
    for (String trick :
        List.of("mkfifo $HOLDFAST_OUTPUT", "ln -s /dev/zero $HOLDFAST_OUTPUT", "true")) {
      assertThat(run(sh("trick", "rm $HOLDFAST_OUTPUT; " + trick)).results())
          .containsExactly(
              new StepResult.Failed(
                  1, "$HOLDFAST_OUTPUT is no longer a file; append to it, leave it there"));
    }
  }

  @Test
  void inputs_matrix_and_earlier_outputs_are_in_the_environment() throws IOException {
    var job =
        TestAgent.job(
            sh(
                "see",
                "echo \"$HOLDFAST_INPUT_DRY_RUN|$HOLDFAST_MATRIX_OS|"
                    + "$HOLDFAST_NEEDS_BUILD_OS_LINUX__VERSION|$HOLDFAST_JOB|$HOLDFAST_EVENT\""));
    var manual =
        new Happening.Manual(
            new Name("ci"),
            new RefName("main"),
            TestAgent.COMMIT,
            Map.of("dry-run", "$(id) \"x\""));

    var heard =
        run(workspace -> {
          var order = TestAgent.order(workspace, manual, job);
          return new ToRunner.RunJob(
              order.workflow(),
              new PlannedJob(
                  "test[os=linux]", Map.of("os", "linux"), List.of("build[os=linux]"), job),
              order.event(),
              order.workspace(),
              order.env(),
              Optional.empty(),
              Map.of("build[os=linux]", Map.of("version", "1 2")));
        });

    assertThat(heard.text()).isEqualTo("$(id) \"x\"|linux|1 2|test[os=linux]|manual\n");
  }

  private static String refusal(String commands) throws IOException {
    var heard = run(sh("bad", "{ " + commands + "; } >>$HOLDFAST_OUTPUT"));
    return ((StepResult.Failed) heard.results().getFirst()).reason();
  }
}

package dev.holdfast.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Outputs that a job says are secret: those of code at once, and none that cannot be masked. */
@Timeout(60)
class SecretOutputStepsTest {
  private static Step.Command secretly(String script) {
    return new Step.Command(
        "give",
        script,
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        List.of(new Name("token")));
  }

  @Test
  void aCommandsSecretOutputIsSent_asAnyOther() throws IOException {
    var heard =
        TestAgent.run(
            secretly(
                "echo token=c4n4ry-5f8a >>$HOLDFAST_OUTPUT; echo plain=1.2 >>$HOLDFAST_OUTPUT"));

    assertThat(heard.outputs()).containsOnly(entry("token", "c4n4ry-5f8a"), entry("plain", "1.2"));
    assertThat(heard.results()).containsExactly(new StepResult.Succeeded());
  }

  @Test
  void oneThatCannotBeMasked_isNotSent_andFailsTheStepWithTheReason() throws IOException {
    var heard =
        TestAgent.run(
            secretly("echo token=abc >>$HOLDFAST_OUTPUT; echo plain=abc >>$HOLDFAST_OUTPUT"));

    assertThat(heard.outputs())
        .as("the same value is fine in the open")
        .containsOnly(entry("plain", "abc"));
    assertThat(heard.results())
        .singleElement()
        .isInstanceOfSatisfying(
            StepResult.Failed.class,
            failed ->
                assertThat(failed.reason())
                    .startsWith(
                        "the output token cannot be a secret: the value is shorter than 8"));
  }

  @Test
  void codeHasSentIt_beforeAnythingThatItPrintsNext() throws IOException {
    Sources sources =
        CodeStepsTest.sources(
            """
            .step("give", code(ctx -> {
              ctx.log("before");
              ctx.output("token", "c4n4ry-77d1");
              ctx.log("it is c4n4ry-77d1");
              try {
                ctx.output("token", "short");
              } catch (IllegalArgumentException e) {
                ctx.log(e.getMessage());
              }
            }).secretOutputs("token"))
            """);
    Job job = CodeStepsTest.job(sources);
    assertThat(job.secretOutputs()).containsExactly(new Name("token"));
    var order = new ArrayList<String>();
    try (var agent = new TestAgent()) {
      agent.hello();
      agent.send(
          TestAgent.with(TestAgent.order(agent.workspace, TestAgent.push("main"), job), sources));
      var heard = agent.hear(frame -> note(frame, order));
      assertThat(heard.outputs()).containsOnly(entry("token", "c4n4ry-77d1"));
      assertThat(heard.text())
          .contains("the output token cannot be a secret: ")
          .doesNotContain("short;");
    }
    assertThat(order.indexOf("output")).isLessThan(order.indexOf("printed")).isNotNegative();
  }

  private static void note(Frame frame, List<String> order) {
    String text = new String(frame.payload(), StandardCharsets.UTF_8);
    if (frame.kind() == FrameKind.LOG && text.contains("it is c4n4ry")) {
      order.add("printed");
    } else if (frame.kind() == FrameKind.CONTROL && text.contains("c4n4ry-77d1")) {
      order.add("output");
    }
  }
}

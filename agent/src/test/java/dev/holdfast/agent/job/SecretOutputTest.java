package dev.holdfast.agent.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.mask.Masker;
import dev.holdfast.agent.secret.JobSecrets;
import dev.holdfast.agent.secret.SecretSource;
import dev.holdfast.agent.secret.SecretsUnavailable;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.model.wire.channel.FromRunner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a runner says is an output, and the definition says is secret, goes to whoever keeps it and
 * nowhere else, whatever the runner would have.
 */
@Timeout(60)
class SecretOutputTest {
  private static final String VALUE = "c4n4ry-91be07";
  private final List<Path> datas = new ArrayList<>();
  private final Map<String, String> kept = new LinkedHashMap<>();
  private final List<byte[]> given = new ArrayList<>();

  @AfterEach
  void clean() throws Exception {
    for (Path data : datas) {
      new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
    }
  }

  /** One command, of whose outputs {@code token} is secret, or none. */
  private static AgentApi.Lease lease(boolean secret) {
    return Jobs.lease(
        Optional.empty(),
        List.of(
            new Step.Command(
                "step 1",
                "true",
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                secret ? List.of(new Name("token")) : List.of())),
        Optional.empty());
  }

  private SecretSource keeping(Optional<SecretsUnavailable> refusal) {
    return new SecretSource() {
      @Override
      public AgentApi.Secrets ask(AgentApi.Lease lease) {
        return new AgentApi.Secrets(List.of(), List.of());
      }

      @Override
      public void keep(AgentApi.Lease lease, Name output, byte[] value) throws SecretsUnavailable {
        if (refusal.isPresent()) {
          throw refusal.get();
        }
        kept.put(output.value(), new String(value, UTF_8));
        given.add(value);
      }
    };
  }

  private Heard run(boolean secret, Optional<SecretsUnavailable> refusal, String value)
      throws Exception {
    Path data = TestWorkshop.data();
    datas.add(data);
    var heard = new Heard();
    var workshop =
        TestWorkshop.of(
            data,
            ScriptedBackend.talking(wire -> {
              wire.begin();
              wire.say(new FromRunner.StepStarted(0));
              wire.log("before " + value + "\n");
              wire.say(new FromRunner.Output(new Name("token"), value));
              try {
                wire.log("after " + value + "\n");
                wire.say(new FromRunner.Output(new Name("plain"), "has " + value + " in it"));
                wire.say(new FromRunner.Summary("# " + value));
                wire.say(new FromRunner.StepFinished(0, new StepResult.Failed(1, "of " + value)));
                wire.say(new FromRunner.JobFinished(new Outcome.Failed("for " + value, 1)));
              } catch (java.io.IOException e) {
                // The agent ended the conversation: what comes of it is in what was heard.
                assertThat(refusal.isPresent() || value.length() < 8).isTrue();
              }
            }),
            Jobs.oneFile(),
            new RunnerDistribution(data, "for this test"));
    new JobExecution(lease(secret), workshop, heard, new Masker(), keeping(refusal)).run();
    return heard;
  }

  private static List<String> outputs(Heard heard) {
    return heard.events().stream()
        .filter(AttemptEvent.Output.class::isInstance)
        .map(AttemptEvent.Output.class::cast)
        .map(output -> output.name() + "=" + output.value())
        .toList();
  }

  @Test
  void itIsKeptElsewhere_maskedInAllThatTheAttemptSaysFromThenOn_andWiped() throws Exception {
    Heard heard = run(true, Optional.empty(), VALUE);

    assertThat(kept).containsOnly(Map.entry("token", VALUE));
    assertThat(outputs(heard)).containsExactly("plain=has *** in it");
    // The control: what was printed before nobody knew, so the runner of code sends it at once.
    assertThat(heard.log()).isEqualTo("before " + VALUE + "\nafter ***\n");
    assertThat(heard.events().toString()).doesNotContain(VALUE).contains("# ***", "of ***");
    assertThat(heard.outcome()).isEqualTo(new Outcome.Failed("for ***", 1));
    assertThat(given).singleElement().satisfies(value -> assertThat(value).containsOnly(0));
  }

  /** The control: it is the definition that makes it secret. */
  @Test
  void positiveControl_oneThatNobodyCallsSecret_isAnEventLikeOthers() throws Exception {
    Heard heard = run(false, Optional.empty(), VALUE);

    assertThat(kept).isEmpty();
    assertThat(outputs(heard)).containsExactly("token=" + VALUE, "plain=has " + VALUE + " in it");
    assertThat(heard.log()).contains("after " + VALUE);
  }

  @Test
  void oneThatCannotBeMasked_isKeptNowhere_andEndsTheJobWithTheReason() throws Exception {
    Heard heard = run(true, Optional.empty(), "abc");

    assertThat(kept).isEmpty();
    assertThat(outputs(heard)).isEmpty();
    assertThat(heard.outcome())
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed ->
                assertThat(failed.reason())
                    .startsWith("the output token cannot be a secret: the value is shorter than"));
  }

  @Test
  void oneThatIsNotKept_endsTheJob() throws Exception {
    Heard refused =
        run(true, Optional.of(new SecretsUnavailable("it is not kept: no room", false)), VALUE);
    assertThat(refused.outcome()).isEqualTo(new Outcome.Failed("it is not kept: no room", 1));
    Heard away = run(true, Optional.of(new SecretsUnavailable("nobody is there", true)), VALUE);
    assertThat(away.outcome()).isEqualTo(new Outcome.Broken("nobody is there"));
    assertThat(refused.events().toString() + away.events()).doesNotContain(VALUE);
  }

  @Test
  void whatAnotherJobPutOut_isAskedForAndMasked_asAnySecret() throws Exception {
    var step =
        new Step.Command(
            "step 1",
            "true",
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of("T", new dev.holdfast.model.secret.SecretName("token@build")),
            Optional.empty());
    var masker = new Masker();
    try (JobSecrets secrets =
        JobSecrets.of(
            Jobs.lease(Optional.empty(), List.of(step), Optional.empty()),
            lease ->
                new AgentApi.Secrets(
                    List.of(SecretHandoverTest.given("token@build", VALUE)), List.of()),
            masker)) {
      assertThat(secrets.given(0).values()).containsOnlyKeys("token@build");
      assertThat(masker.text("x " + VALUE)).isEqualTo("x ***");
    }
  }
}

package dev.holdfast.agent.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.mask.Masker;
import dev.holdfast.agent.secret.JobSecrets;
import dev.holdfast.agent.secret.SecretSource;
import dev.holdfast.agent.secret.SecretsUnavailable;
import dev.holdfast.model.definition.Audience;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.SecretValues;
import dev.holdfast.model.wire.channel.ToRunner;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Secrets reach a runner when the step that names them starts, and nothing reaches it before. */
@Timeout(60)
class SecretHandoverTest {
  private static final SecretName TOKEN = new SecretName("TOKEN");
  private final List<Path> datas = new ArrayList<>();

  @AfterEach
  void clean() throws Exception {
    for (Path data : datas) {
      new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
    }
  }

  static AgentApi.GivenSecret given(String name, String value) {
    return new AgentApi.GivenSecret(
        new SecretName(name), Base64.getEncoder().encodeToString(value.getBytes(UTF_8)));
  }

  private Heard run(SecretSource source, ScriptedBackend.Talk talk) throws Exception {
    return run(source, Jobs.asking("true", "deploy"), talk);
  }

  private Heard run(SecretSource source, AgentApi.Lease lease, ScriptedBackend.Talk talk)
      throws Exception {
    Path data = TestWorkshop.data();
    datas.add(data);
    var heard = new Heard();
    var workshop =
        TestWorkshop.of(
            data,
            ScriptedBackend.talking(talk),
            Jobs.oneFile(),
            new RunnerDistribution(data, "for this test"));
    new JobExecution(lease, workshop, heard, new Masker(), source).run();
    return heard;
  }

  private static void step(Wire wire, int step) throws Exception {
    wire.say(new FromRunner.StepStarted(step));
    wire.say(new FromRunner.StepFinished(step, new StepResult.Succeeded()));
  }

  /** What the next frame hands over; fails if it is another. */
  private static Map<String, String> handed(Wire wire) throws Exception {
    var came = new LinkedHashMap<String, String>();
    Frame frame = Frame.read(wire.in);
    assertThat(frame.kind()).isEqualTo(FrameKind.SECRETS);
    SecretValues.each(
        ByteBuffer.wrap(frame.payload()),
        (name, value) -> came.put(name, UTF_8.decode(value).toString()));
    return came;
  }

  @Test
  void valuesComeWithTheAnswerToTheStepThatNamesThem_andAreOnRecordBefore() throws Exception {
    var came = new LinkedHashMap<String, String>();
    Heard heard =
        run(
            lease -> new AgentApi.Secrets(List.of(given("TOKEN", "s3cr3t")), List.of()),
            wire -> {
              wire.begin();
              step(wire, 0);
              wire.say(new FromRunner.StepWaits(1));
              // Nothing came before this frame: it is the next.
              came.putAll(handed(wire));
              assertThat(wire.hear()).isEqualTo(new ToRunner.StepMayStart(1, Map.of(), true));
              step(wire, 1);
              wire.say(new FromRunner.JobFinished(new Outcome.Succeeded()));
            });
    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(came).containsExactly(Map.entry("TOKEN", "s3cr3t"));
    assertThat(heard.kinds())
        .containsExactly(
            "Started",
            "StepStarted",
            "StepFinished",
            "SecretsHanded",
            "StepStarted",
            "StepFinished",
            "Finished");
    assertThat(heard.events())
        .anySatisfy(event ->
            assertThat(event)
                .isInstanceOfSatisfying(
                    AttemptEvent.SecretsHanded.class,
                    handed -> {
                      assertThat(handed.step()).isEqualTo(1);
                      assertThat(handed.names()).containsExactly(TOKEN);
                    }));
  }

  private static SecretSource withholding() {
    return lease ->
        new AgentApi.Secrets(
            List.of(),
            List.of(new AgentApi.WithheldSecret(TOKEN, "none is set; set it by holdfast secret")));
  }

  @Test
  void aCommandOfWhichASecretIsWithheld_failsWithoutHavingStarted() throws Exception {
    var failed =
        new StepResult.Failed(
            1,
            "it is not given the secret TOKEN, which it names: none is set; set it by holdfast"
                + " secret");
    Heard heard =
        run(
            withholding(),
            wire -> {
              wire.begin();
              step(wire, 0);
              wire.say(new FromRunner.StepWaits(1));
              assertThat(wire.hear()).isEqualTo(new ToRunner.StepEnds(1, failed));
              wire.say(new FromRunner.StepFinished(1, failed));
              wire.say(new FromRunner.JobFinished(new Outcome.Failed("deploy failed", 1)));
            });
    assertThat(heard.kinds()).doesNotContain("SecretsHanded");
    assertThat(heard.outcome()).isInstanceOf(Outcome.Failed.class);
  }

  @Test
  void aRunnerThatStartsSuchAStepAllTheSame_isEnded() throws Exception {
    Heard heard =
        run(
            withholding(),
            wire -> {
              wire.begin();
              step(wire, 0);
              wire.say(new FromRunner.StepWaits(1));
              wire.hear();
              wire.say(new FromRunner.StepStarted(1));
              assertThat(wire.in.read()).isEqualTo(-1);
            });
    assertThat(heard.outcome())
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.reason()).contains("a step that was not let in"));
    assertThat(heard.kinds()).doesNotContain("SecretsHanded");
  }

  /** The control: what it can ask for with `has` is up to it. */
  @Test
  void codeOfWhichASecretIsWithheld_isStartedAndToldWhy() throws Exception {
    var code =
        new Step.Code(
            "deploy", Optional.empty(), Optional.empty(), List.of(TOKEN), Optional.empty());
    try (JobSecrets secrets =
        JobSecrets.of(
            Jobs.lease(Optional.empty(), List.of(code), Optional.empty()),
            withholding(),
            new Masker())) {
      assertThat(secrets.lacking(0)).isEmpty();
      assertThat(secrets.given(0).withheld())
          .containsEntry("TOKEN", "none is set; set it by holdfast secret");
    }
  }

  @Test
  void secretsThatCannotBeHad_endTheJobBeforeItsFirstStep() throws Exception {
    for (boolean again : new boolean[] {true, false}) {
      Heard heard =
          run(
              lease -> {
                throw new SecretsUnavailable("the vault is away", again);
              },
              wire -> {
                wire.say(new FromRunner.Hello(FromRunner.VERSION));
                assertThat(wire.in.read()).isEqualTo(-1);
              });
      assertThat(heard.outcome())
          .isEqualTo(
              again
                  ? new Outcome.Broken("the vault is away")
                  : new Outcome.Refused("the vault is away"));
      assertThat(heard.kinds()).containsExactly("Started", "Finished");
    }
  }

  @Test
  void aSecretThatTheJobDoesNotDeclare_orThatCannotBeMasked_isRefused() throws Exception {
    for (AgentApi.GivenSecret wrong : List.of(given("OTHER", "s3cr3t"), given("TOKEN", "abc"))) {
      Heard heard =
          run(
              lease -> new AgentApi.Secrets(List.of(wrong), List.of()),
              wire -> {
                wire.say(new FromRunner.Hello(FromRunner.VERSION));
                assertThat(wire.in.read()).isEqualTo(-1);
              });
      assertThat(heard.outcome())
          .isInstanceOfSatisfying(
              Outcome.Refused.class,
              refused ->
                  assertThat(refused.reason())
                      .startsWith("the job's secrets cannot be handed over: ")
                      .doesNotContain("s3cr3t"));
    }
  }

  @Test
  void aJobThatDeclaresNone_isNotAskedFor() throws Exception {
    var asked = new AtomicInteger();
    JobSecrets.of(
            Jobs.commands("true"),
            lease -> {
              asked.incrementAndGet();
              return new AgentApi.Secrets(List.of(), List.of());
            },
            new Masker())
        .close();
    assertThat(asked).hasValue(0);
  }

  @Test
  void aValueIsWiped_onceTheLastStepThatNamesItHasIt() throws Exception {
    try (JobSecrets secrets =
        JobSecrets.of(
            Jobs.asking("true", "deploy"),
            lease -> new AgentApi.Secrets(List.of(given("TOKEN", "s3cr3t")), List.of()),
            new Masker())) {
      assertThat(secrets.given(0).values()).isEmpty();
      byte[] value = secrets.given(1).values().get("TOKEN");
      assertThat(value).isEqualTo("s3cr3t".getBytes(UTF_8));
      secrets.handed(0);
      assertThat(value).isEqualTo("s3cr3t".getBytes(UTF_8));
      secrets.handed(1);
      assertThat(value).containsOnly(0);
      assertThat(secrets.given(1).withheld()).containsEntry("TOKEN", "it is gone");
    }
  }

  @Test
  void noTextOfAGivenSecretHoldsItsValue() {
    var answer = new AgentApi.Secrets(List.of(given("TOKEN", "s3cr3t")), List.of());
    assertThat(answer.toString()).contains("TOKEN").doesNotContain("czNj", "s3cr3t");
  }

  private static final String JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJlLWNhbmFyeQ";
  private static final Audience STS = new Audience("sts.example.org");

  private static SecretSource minting(AtomicInteger asked, SecretSource.Token token) {
    return new SecretSource() {
      @Override
      public AgentApi.Secrets ask(AgentApi.Lease lease) {
        return new AgentApi.Secrets(List.of(), List.of());
      }

      @Override
      public Token token(AgentApi.Lease lease, int step, Audience audience)
          throws SecretsUnavailable {
        asked.incrementAndGet();
        assertThat(step).isEqualTo(1);
        assertThat(audience).isEqualTo(STS);
        if (token instanceof Token.Refused(String why) && why.equals("away")) {
          throw new SecretsUnavailable("the token cannot be had: away", true);
        }
        return token;
      }
    };
  }

  @Test
  void aTokenIsAskedForWhenItsStepStarts_masked_andWipedOnceItIsHandedOver() throws Exception {
    byte[] token = JWT.getBytes(UTF_8);
    var asked = new AtomicInteger();
    var came = new LinkedHashMap<String, String>();
    Heard heard =
        run(
            minting(asked, new SecretSource.Token.Made(token)),
            Jobs.identifying(STS),
            wire -> {
              wire.begin();
              assertThat(asked).as("not before its step").hasValue(0);
              step(wire, 0);
              wire.say(new FromRunner.StepWaits(1));
              came.putAll(handed(wire));
              assertThat(wire.hear()).isEqualTo(new ToRunner.StepMayStart(1, Map.of(), true));
              wire.say(new FromRunner.StepStarted(1));
              wire.log("it is " + JWT + " and " + JWT.substring(JWT.lastIndexOf('.') + 1) + "\n");
              wire.say(new FromRunner.StepFinished(1, new StepResult.Succeeded()));
              wire.say(new FromRunner.JobFinished(new Outcome.Succeeded()));
            });
    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(came).containsExactly(Map.entry("identity:sts.example.org", JWT));
    assertThat(asked).hasValue(1);
    assertThat(token).as("wiped").containsOnly(0);
    assertThat(heard.log()).isEqualTo("it is *** and ***\n");
  }

  @Test
  void codeIsToldThatItsTokenIsRefused() throws Exception {
    Heard refused =
        run(
            minting(new AtomicInteger(), new SecretSource.Token.Refused("not trusted")),
            Jobs.identifyingInCode(STS),
            wire -> {
              wire.begin();
              step(wire, 0);
              wire.say(new FromRunner.StepWaits(1));
              assertThat(wire.hear())
                  .isEqualTo(
                      new ToRunner.StepMayStart(
                          1, Map.of("identity:sts.example.org", "not trusted"), true));
              step(wire, 1);
              wire.say(new FromRunner.JobFinished(new Outcome.Succeeded()));
            });
    assertThat(refused.log())
        .isEqualTo("holdfast: the token for sts.example.org is not given: not trusted\n");
  }

  @Test
  void aCommandWhoseTokenIsRefused_orCannotBeHad_failsWithoutHavingStarted() throws Exception {
    endsWith(
        "not trusted",
        "it is not given the token for sts.example.org, which it names: not trusted");
    endsWith("away", "the token cannot be had: away");
  }

  private void endsWith(String refused, String why) throws Exception {
    var failed = new StepResult.Failed(1, why);
    Heard away =
        run(
            minting(new AtomicInteger(), new SecretSource.Token.Refused(refused)),
            Jobs.identifying(STS),
            wire -> {
              wire.begin();
              step(wire, 0);
              wire.say(new FromRunner.StepWaits(1));
              assertThat(wire.hear()).isEqualTo(new ToRunner.StepEnds(1, failed));
              wire.say(new FromRunner.StepFinished(1, failed));
              wire.say(new FromRunner.JobFinished(new Outcome.Failed("it failed", 1)));
            });
    assertThat(away.outcome()).isInstanceOf(Outcome.Failed.class);
  }

  @Test
  void whatIsNoToken_cannotBeMaskedAsOne_andIsHandedToNobody() throws Exception {
    Heard heard =
        run(
            minting(new AtomicInteger(), new SecretSource.Token.Made("no token".getBytes(UTF_8))),
            Jobs.identifying(STS),
            wire -> {
              wire.begin();
              step(wire, 0);
              wire.say(new FromRunner.StepWaits(1));
              ToRunner answer = wire.hear();
              assertThat(answer).isInstanceOf(ToRunner.StepEnds.class);
              assertThat(answer.toString()).contains("not of the form").doesNotContain("no token");
              wire.say(new FromRunner.StepFinished(1, ((ToRunner.StepEnds) answer).result()));
              wire.say(new FromRunner.JobFinished(new Outcome.Failed("it failed", 1)));
            });
    assertThat(heard.kinds()).doesNotContain("SecretsHanded");
  }
}

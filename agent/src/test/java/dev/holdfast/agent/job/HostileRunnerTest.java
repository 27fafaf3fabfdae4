package dev.holdfast.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.agent.mask.Masker;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.ToRunner;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The agent takes every byte of a runner as hostile: each attack ends its own job, and nothing
 * else.
 */
@Timeout(60)
class HostileRunnerTest {
  private final List<Path> datas = new ArrayList<>();

  @AfterEach
  void clean() throws Exception {
    for (Path data : datas) {
      assertThat(data.resolve("job")).isEmptyDirectory();
      new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor();
    }
  }

  private Heard run(ScriptedBackend backend, int steps) throws Exception {
    Path data = TestWorkshop.data();
    datas.add(data);
    var heard = new Heard();
    var scripts = new String[steps];
    java.util.Arrays.fill(scripts, "true");
    var workshop =
        TestWorkshop.of(
            data, backend, Jobs.oneFile(), new RunnerDistribution(data, "for this test"));
    new JobExecution(Jobs.commands(scripts), workshop, heard).run();
    assertThat(backend.alive).hasValue(0);
    return heard;
  }

  private Heard talk(ScriptedBackend.Talk talk) throws Exception {
    return run(ScriptedBackend.talking(talk), 2);
  }

  private static void step(Wire wire, int step) throws Exception {
    wire.say(new FromRunner.StepStarted(step));
    wire.log("step " + step + "\n");
    wire.say(new FromRunner.StepFinished(step, new StepResult.Succeeded()));
  }

  private static void assertBlamed(Heard heard, String why) {
    assertThat(heard.outcome())
        .isInstanceOfSatisfying(
            Outcome.Failed.class, failed -> assertThat(failed.reason()).contains(why));
  }

  @Test
  void positiveControl_anHonestRunnerIsBelieved() throws Exception {
    Heard heard =
        talk(wire -> {
          wire.begin();
          step(wire, 0);
          wire.say(new FromRunner.StepStarted(1));
          wire.say(new FromRunner.Output(new Name("version"), "1.2"));
          wire.say(new FromRunner.Summary("# fine"));
          wire.say(new FromRunner.StepFinished(1, new StepResult.Succeeded()));
          wire.say(new FromRunner.JobFinished(new Outcome.Succeeded()));
        });
    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(heard.log()).isEqualTo("step 0\n");
    assertThat(heard.kinds())
        .containsExactly(
            "Started",
            "StepStarted",
            "StepFinished",
            "StepStarted",
            "Output",
            "Summary",
            "StepFinished",
            "Finished");
  }

  @Test
  void successBeforeTheSteps_isForged() throws Exception {
    assertBlamed(
        talk(wire -> {
          wire.begin();
          step(wire, 0);
          wire.say(new FromRunner.JobFinished(new Outcome.Succeeded()));
        }),
        "success before every step had succeeded");
  }

  @Test
  void successAfterAFailedStep_isForged() throws Exception {
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.say(new FromRunner.StepStarted(0));
          wire.say(new FromRunner.StepFinished(0, new StepResult.Failed(1, "no")));
          step(wire, 1);
          wire.say(new FromRunner.JobFinished(new Outcome.Succeeded()));
        }),
        "success before every step had succeeded");
  }

  @Test
  void stepsOutOfTurn_areRefused() throws Exception {
    assertBlamed(
        talk(wire -> {
          wire.begin();
          step(wire, 1);
        }),
        "step 1 out of turn");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          step(wire, 0);
          step(wire, 0);
        }),
        "step 0 out of turn");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          step(wire, -1);
        }),
        "step -1 out of turn");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          step(wire, 0);
          step(wire, 1);
          step(wire, 2);
        }),
        "step 2 out of turn");
  }

  /** A job of two steps, the second of which asks the gate. */
  private Heard asking(StepGate gate, ScriptedBackend.Talk talk) throws Exception {
    Path data = TestWorkshop.data();
    datas.add(data);
    var heard = new Heard();
    var backend = ScriptedBackend.talking(talk);
    var workshop =
        TestWorkshop.guarded(
            TestWorkshop.of(
                data, backend, Jobs.oneFile(), new RunnerDistribution(data, "for this test")),
            gate);
    new JobExecution(
            Jobs.asking("true", "deploy"),
            workshop,
            heard,
            new Masker(),
            lease ->
                new AgentApi.Secrets(
                    List.of(SecretHandoverTest.given("TOKEN", "s3cr3t-t0ken")), List.of()))
        .run();
    assertThat(backend.alive).hasValue(0);
    return heard;
  }

  private static void success(Wire wire) throws Exception {
    wire.say(new FromRunner.JobFinished(new Outcome.Succeeded()));
  }

  @Test
  void positiveControl_aStepThatAsks_isLetIn() throws Exception {
    Heard heard =
        asking(
            StepGate.open(),
            wire -> {
              wire.begin();
              step(wire, 0);
              wire.say(new FromRunner.StepWaits(1));
              assertThat(Frame.read(wire.in).kind()).isEqualTo(FrameKind.SECRETS);
              assertThat(wire.hear()).isEqualTo(new ToRunner.StepMayStart(1, Map.of(), true));
              step(wire, 1);
              success(wire);
            });
    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(heard.log()).isEqualTo("step 0\nstep 1\n");
  }

  @Test
  void aStepThatDoesNotAsk_isNotBelieved() throws Exception {
    assertBlamed(
        asking(
            StepGate.open(),
            wire -> {
              wire.begin();
              step(wire, 0);
              step(wire, 1);
              success(wire);
            }),
        "the start of a step that was not let in");
  }

  @Test
  void aStepThatDoesNotWaitForItsAnswer_isNotBelieved() throws Exception {
    assertBlamed(
        asking(
            (lease, number, step) -> {
              Thread.sleep(Duration.ofMinutes(5));
              return Optional.empty();
            },
            wire -> {
              wire.begin();
              step(wire, 0);
              wire.say(new FromRunner.StepWaits(1));
              step(wire, 1);
              success(wire);
            }),
        "the start of a step that was not let in");
  }

  @Test
  void askingTwice_outOfTurn_orForNothing_isRefused() throws Exception {
    assertBlamed(
        asking(
            StepGate.open(),
            wire -> {
              wire.begin();
              step(wire, 0);
              wire.say(new FromRunner.StepWaits(1));
              wire.say(new FromRunner.StepWaits(1));
              hold(wire);
            }),
        "that a step waits, at a time when none can");
    assertBlamed(
        asking(
            StepGate.open(),
            wire -> {
              wire.begin();
              wire.say(new FromRunner.StepWaits(1));
              hold(wire);
            }),
        "that step 1 waits, out of turn");
    assertBlamed(
        asking(
            StepGate.open(),
            wire -> {
              wire.begin();
              wire.say(new FromRunner.StepWaits(0));
              hold(wire);
            }),
        "that a step waits that needs nothing");
  }

  @Test
  void aStepThatWasTurnedAway_cannotStartNorSucceed() throws Exception {
    var failed = new StepResult.Failed(3, "nobody let it through");
    StepGate shut = (lease, number, step) -> Optional.of(failed);
    assertBlamed(
        asking(
            shut,
            wire -> {
              wire.begin();
              step(wire, 0);
              wire.say(new FromRunner.StepWaits(1));
              assertThat(wire.hear()).isEqualTo(new ToRunner.StepEnds(1, failed));
              step(wire, 1);
              success(wire);
            }),
        "the start of a step that was not let in");
    assertBlamed(
        asking(
            shut,
            wire -> {
              wire.begin();
              step(wire, 0);
              wire.say(new FromRunner.StepWaits(1));
              wire.hear();
              wire.say(new FromRunner.StepFinished(1, new StepResult.Skipped()));
              success(wire);
            }),
        "another end of a step that waited than it was told");
    Heard honest =
        asking(
            shut,
            wire -> {
              wire.begin();
              step(wire, 0);
              wire.say(new FromRunner.StepWaits(1));
              wire.hear();
              wire.say(new FromRunner.StepFinished(1, failed));
              wire.say(new FromRunner.JobFinished(new Outcome.Failed("as told", 3)));
            });
    assertThat(honest.outcome()).isEqualTo(new Outcome.Failed("as told", 3));
  }

  @Test
  void aRunnerThatGoesWhileItWaits_isNotWaitedFor() throws Exception {
    var interrupted = new java.util.concurrent.CountDownLatch(1);
    Heard heard =
        asking(
            (lease, number, step) -> {
              try {
                Thread.sleep(Duration.ofMinutes(5));
                return Optional.empty();
              } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
              }
            },
            wire -> {
              wire.begin();
              step(wire, 0);
              wire.say(new FromRunner.StepWaits(1));
            });
    assertBlamed(heard, "the runner ended with 0");
    assertThat(interrupted.getCount()).isZero();
  }

  @Test
  void aSecondEnd_isNotHeard() throws Exception {
    Heard heard =
        talk(wire -> {
          wire.begin();
          step(wire, 0);
          step(wire, 1);
          wire.say(new FromRunner.JobFinished(new Outcome.Failed("really", 4)));
          wire.say(new FromRunner.JobFinished(new Outcome.Succeeded()));
        });
    assertThat(heard.outcome()).isEqualTo(new Outcome.Failed("really", 4));
    assertThat(heard.kinds().stream().filter("Finished"::equals)).hasSize(1);
  }

  @Test
  void aSecondGreeting_isRefused() throws Exception {
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.say(new FromRunner.Hello(1));
        }),
        "second greeting");
  }

  @Test
  void anotherVersion_isNamed() throws Exception {
    assertBlamed(
        talk(wire -> {
          wire.say(new FromRunner.Hello(99));
          hold(wire);
        }),
        "version 99");
  }

  @Test
  void logBeforeAnyStep_isRefused() throws Exception {
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.log("x");
        }),
        "output while no step runs");
  }

  @Test
  void classesThatNobodyAskedFor_areRefusedAtAnyTime() throws Exception {
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.raw(FrameKind.CLASSES, new byte[10]);
        }),
        "classes");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          step(wire, 0);
          wire.raw(FrameKind.CLASSES, new byte[10]);
        }),
        "classes");
  }

  @Test
  void aFrameThatSaysItIsHuge_costsNothing() throws Exception {
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.out.writeInt(Integer.MAX_VALUE);
          wire.out.writeByte(1);
          hold(wire);
        }),
        "a frame of kind CONTROL says it has 2147483647 bytes");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.out.writeInt(-1);
          wire.out.writeByte(2);
          hold(wire);
        }),
        "says it has -1 bytes");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.out.writeInt(1);
          wire.out.writeByte(9);
          hold(wire);
        }),
        "unknown kind 9");
  }

  @Test
  void aTruncatedFrame_isARunnerThatIsGone() throws Exception {
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.say(new FromRunner.StepStarted(0));
          wire.out.writeInt(1000);
          wire.out.writeByte(2);
          wire.out.write(new byte[10]);
        }),
        "in step 1");
  }

  @Test
  void silenceInsideAFrame_endsWithTheJobsTime() throws Exception {
    Heard heard = talk(wire -> hold(wire));
    assertThat(heard.outcome())
        .isEqualTo(new Outcome.Broken("the runner connected and said nothing"));
  }

  @Test
  void moreLogThanAllowed_isTheJobsFault() throws Exception {
    Heard heard =
        talk(wire -> {
          wire.begin();
          wire.say(new FromRunner.StepStarted(0));
          byte[] piece = new byte[FrameKind.LOG.most()];
          while (true) {
            wire.raw(FrameKind.LOG, piece);
          }
        });
    assertBlamed(heard, "printed more than 16777216 bytes");
    assertThat(heard.logLength()).isLessThanOrEqualTo(16 * 1024 * 1024);
  }

  @Test
  void floodsOfMessages_areEnded() throws Exception {
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.say(new FromRunner.StepStarted(0));
          while (true) {
            wire.say(new FromRunner.Output(new Name("x"), ""));
          }
        }),
        "outputs more than 200 times");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.say(new FromRunner.StepStarted(0));
          while (true) {
            wire.say(new FromRunner.Summary("x".repeat(200_000)));
          }
        }),
        "summaries");
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.say(new FromRunner.StepStarted(0));
          while (true) {
            wire.raw(FrameKind.LOG, new byte[0]);
          }
        }),
        "empty piece of output");
  }

  @Test
  void jsonBombs_areEndedBeforeTheyAreBuilt() throws Exception {
    String many = "{\"type\":\"summary\",\"markdown\":[" + "0,".repeat(2_000_000) + "0]}";
    String deep = "[".repeat(4_000_000);
    String name = "{\"" + "x".repeat(4_000_000) + "\":1}";
    String number = "{\"type\":\"hello\",\"version\":" + "9".repeat(4_000_000) + "}";
    for (String bomb :
        List.of(many, deep, name, number, "", "null", "{}", "\u0000", "{\"type\":7}")) {
      assertBlamed(
          talk(wire -> {
            wire.begin();
            wire.say(new FromRunner.StepStarted(0));
            wire.raw(FrameKind.CONTROL, bomb.getBytes(StandardCharsets.UTF_8));
            hold(wire);
          }),
          "the runner sent a message");
    }
  }

  @Test
  void outputsThatAreTooLong_areNamed() throws Exception {
    assertBlamed(
        talk(wire -> {
          wire.begin();
          wire.say(new FromRunner.StepStarted(0));
          wire.raw(
              FrameKind.CONTROL,
              ("{\"type\":\"output\",\"name\":\"big\",\"value\":\"" + "x".repeat(70_000) + "\"}")
                  .getBytes(StandardCharsets.UTF_8));
          hold(wire);
        }),
        "the output big is longer than 64 KiB");
  }

  @Test
  void brokenAfterAStepBegan_isNotTriedAgain() throws Exception {
    assertBlamed(
        talk(wire -> {
          wire.begin();
          step(wire, 0);
          wire.say(new FromRunner.JobFinished(new Outcome.Broken("try me again, and again")));
        }),
        "the runner broke");
  }

  @Test
  void reasonsWithControlCharacters_areCleaned() throws Exception {
    Heard heard =
        talk(wire -> {
          wire.begin();
          step(wire, 0);
          step(wire, 1);
          wire.say(
              new FromRunner.JobFinished(
                  new Outcome.Failed("\u001b[2J\nall \u202e fine" + "x".repeat(10_000), 1)));
        });
    assertThat(((Outcome.Failed) heard.outcome()).reason())
        .matches("[^\\p{Cntrl}\\p{Cf}]+")
        .contains("fine")
        .hasSizeLessThan(1100);
  }

  @Test
  void aRunnerThatNeverConnects_isWaitedForOnlySoLong() throws Exception {
    Heard heard = run(new ScriptedBackend(socket -> Thread.sleep(Duration.ofMinutes(5))), 1);
    assertThat(heard.outcome())
        .isEqualTo(new Outcome.Broken("the runner did not connect within 3 s"));
  }

  @Test
  void aRunnerThatEndsBeforeItConnects_isNotWaitedFor() throws Exception {
    Heard heard = run(new ScriptedBackend(socket -> {}), 1);
    assertThat(heard.outcome())
        .isEqualTo(new Outcome.Broken("the runner ended with 0 before it spoke"));
  }

  @Test
  void aSecondConnection_findsNothing() throws Exception {
    var second = new ArrayList<String>();
    Heard heard =
        run(
            new ScriptedBackend(socket -> {
              try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(socket));
                var wire = new Wire(channel);
                wire.begin();
                try (var other = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                  other.connect(UnixDomainSocketAddress.of(socket));
                  second.add("connected");
                } catch (java.io.IOException e) {
                  second.add("refused");
                }
                step(wire, 0);
                wire.say(new FromRunner.JobFinished(new Outcome.Succeeded()));
                hold(wire);
              }
            }),
            1);
    assertThat(second).containsExactly("refused");
    assertThat(heard.outcome()).isEqualTo(new Outcome.Succeeded());
  }

  /** Says nothing more until the agent hangs up. */
  private static void hold(Wire wire) throws Exception {
    while (wire.in.read() >= 0) {
      Thread.onSpinWait();
    }
  }
}

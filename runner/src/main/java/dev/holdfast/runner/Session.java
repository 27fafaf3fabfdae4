package dev.holdfast.runner;

import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.channel.BrokenChannel;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.ToRunner;
import dev.holdfast.runner.channel.AgentChannel;
import dev.holdfast.runner.code.Evaluation;
import dev.holdfast.runner.job.JobRun;
import dev.holdfast.runner.job.Permission;
import dev.holdfast.runner.secret.StepSecrets;
import dev.holdfast.runner.step.Supervisor;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one runner does in its life: greets its agent, does one thing, says how it ended. */
final class Session {
  private final AgentChannel channel;
  private final Runnable lost;
  private final Supervisor supervisor = new Supervisor();
  private final Permission permission = new Permission(supervisor::changed);
  private volatile boolean ended;

  /**
   * @param lost is run, by another thread, if the agent goes away while something runs
   */
  Session(AgentChannel channel, Runnable lost) {
    this.channel = channel;
    this.lost = lost;
  }

  /**
   * Runs it to its end.
   *
   * @throws IOException if the channel is gone or broken
   */
  void run() throws IOException, InterruptedException {
    channel.send(new FromRunner.Hello(FromRunner.VERSION));
    byte @Nullable [] classes = null;
    Frame frame = channel.read();
    long started = System.nanoTime();
    if (frame.kind() == FrameKind.CLASSES) {
      classes = frame.payload();
      frame = channel.read();
    }
    ToRunner order = message(frame);
    FromRunner answer =
        switch (order) {
          case ToRunner.RunJob job -> {
            listen();
            yield new FromRunner.JobFinished(run(job, classes, started));
          }
          case ToRunner.Evaluate(var sources) -> {
            listen();
            yield evaluate(sources);
          }
          case ToRunner.Cancel() -> new FromRunner.JobFinished(new Outcome.Cancelled());
          case ToRunner.StepMayStart may ->
              throw new BrokenChannel("the agent let a step start before it sent a job");
          case ToRunner.StepEnds ends ->
              throw new BrokenChannel("the agent ended a step before it sent a job");
        };
    ended = true;
    channel.send(answer);
  }

  private Outcome run(ToRunner.RunJob job, byte @Nullable [] classes, long started)
      throws IOException, InterruptedException {
    if (!job.job().job().hasCode()) {
      return new JobRun(job, channel, supervisor, null, permission, started).run();
    }
    try (var lastWords = new LastWords()) {
      return new CodeJob(job, channel, supervisor, lastWords, permission, started).run(classes);
    }
  }

  private FromRunner evaluate(Sources sources) throws IOException {
    try (var lastWords = new LastWords()) {
      lastWords.become(() ->
          channel.send(
              new FromRunner.Evaluated(
                  List.of(),
                  List.of(),
                  List.of(
                      new FromRunner.Diagnostic(
                          "", 0, "define ended the Java process, as by System.exit")))));
      return Evaluation.of(sources);
    }
  }

  private void listen() {
    var listener = new Thread(this::listenToEnd, "agent");
    listener.setDaemon(true);
    listener.start();
  }

  private void listenToEnd() {
    var secrets = StepSecrets.none();
    try {
      while (true) {
        switch (channel.next()) {
          case AgentChannel.Incoming.Secrets(StepSecrets given) -> {
            secrets.close();
            secrets = given;
          }
          case AgentChannel.Incoming.Whole(Frame frame) -> {
            obey(message(frame), secrets);
            secrets = StepSecrets.none();
          }
        }
      }
    } catch (IOException e) {
      secrets.close();
      if (!ended) {
        lost.run();
      }
    }
  }

  /**
   * @param secrets that came just before, and are given away
   */
  private void obey(ToRunner message, StepSecrets secrets) throws BrokenChannel {
    switch (message) {
          case ToRunner.StepMayStart(int step, var withheld, boolean alone) ->
              permission.answered(step, new Permission.Answer.MayStart(secrets, withheld, alone));
          case ToRunner.Cancel() -> {
            secrets.close();
            supervisor.cancel();
          }
          case ToRunner.StepEnds(int step, var result) -> {
            secrets.close();
            permission.answered(step, new Permission.Answer.Ends(result));
          }
          case ToRunner.RunJob job -> throw new BrokenChannel("the agent sent a second order");
          case ToRunner.Evaluate evaluate ->
              throw new BrokenChannel("the agent sent a second order");
    }
  }

  private static ToRunner message(Frame frame) throws BrokenChannel {
    if (frame.kind() != FrameKind.CONTROL) {
      throw new BrokenChannel("the agent sent a frame of kind " + frame.kind());
    }
    try {
      return Records.read(ToRunner.class, frame.payload());
    } catch (MalformedJson e) {
      throw new BrokenChannel("the agent sent a message that cannot be read: " + e.getMessage());
    }
  }
}

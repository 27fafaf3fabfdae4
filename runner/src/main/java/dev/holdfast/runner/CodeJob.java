package dev.holdfast.runner;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.ToRunner;
import dev.holdfast.runner.channel.AgentChannel;
import dev.holdfast.runner.code.Preparation;
import dev.holdfast.runner.job.JobRun;
import dev.holdfast.runner.job.Permission;
import dev.holdfast.runner.step.Supervisor;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A job with steps that are code: its code is made ready before any step runs. */
final class CodeJob {
  private final ToRunner.RunJob order;
  private final AgentChannel channel;
  private final Supervisor supervisor;
  private final LastWords lastWords;
  private final Permission permission;
  private final long started;

  CodeJob(
      ToRunner.RunJob order,
      AgentChannel channel,
      Supervisor supervisor,
      LastWords lastWords,
      Permission permission,
      long started) {
    this.order = order;
    this.channel = channel;
    this.supervisor = supervisor;
    this.lastWords = lastWords;
    this.permission = permission;
    this.started = started;
  }

  /**
   * Runs it.
   *
   * @param cached classes that an earlier runner compiled, if the agent has them
   */
  Outcome run(byte @Nullable [] cached) throws IOException, InterruptedException {
    var limit = order.job().job().timeout().orElse(Job.DEFAULT_TIMEOUT);
    lastWords.become(() ->
        channel.send(
            new FromRunner.JobFinished(
                new Outcome.Refused(
                    "the workflow's define ended the Java process, as by System.exit"))));
    var preparation = Preparation.start(order, cached, supervisor::changed);
    var ending = supervisor.supervise(preparation, started + limit.duration().toNanos(), false);
    return switch (ending) {
      case CANCELLED -> new Outcome.Cancelled();
      case TIMED_OUT ->
          new Outcome.TimedOut(
              "the job took longer than its " + limit + ", in the workflow's define");
      case BY_ITSELF -> {
        byte[] compiled = preparation.compiled();
        if (compiled != null && compiled.length <= FrameKind.CLASSES.most()) {
          channel.classes(compiled);
        }
        var code = preparation.code();
        if (code.isEmpty()) {
          yield new Outcome.Refused(preparation.refusal());
        }
        var run = new JobRun(order, channel, supervisor, code.get(), permission, started);
        lastWords.become(run::codeExits);
        yield run.run();
      }
    };
  }
}

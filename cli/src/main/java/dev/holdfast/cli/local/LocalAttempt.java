package dev.holdfast.cli.local;

import dev.holdfast.agent.job.AttemptReporter;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Times;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.agent.AgentApi.AttemptEvent;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Hears what a job's attempt reports and shows it. Used by the attempt's one thread. */
final class LocalAttempt implements AttemptReporter {
  private final PlannedJob job;
  private final JobListener listener;
  private final OutputStream log;
  private final Map<String, String> outputs = new LinkedHashMap<>();
  private Instant stepBegan = Instant.EPOCH;
  private @Nullable Outcome outcome;

  LocalAttempt(PlannedJob job, JobListener listener) {
    this.job = job;
    this.listener = listener;
    this.log = listener.log(job);
  }

  Map<String, String> outputs() {
    return outputs;
  }

  /** How it ended; broken if it never said. */
  Outcome outcome() {
    return outcome == null ? new Outcome.Broken("it ended without a result") : outcome;
  }

  @Override
  public void event(AttemptEvent event) {
    switch (event) {
      case AttemptEvent.Started started -> {}
      case AttemptEvent.StepStarted(var at, int step, long offset) -> {
        stepBegan = at;
        flush();
        listener.say(job, "▸ " + name(step));
      }
      case AttemptEvent.StepFinished(var at, int step, var result) -> {
        flush();
        finished(step, result, Duration.between(stepBegan, at));
      }
      case AttemptEvent.Output(var at, var name, var value) -> outputs.put(name.value(), value);
      case AttemptEvent.Summary(var at, var markdown) ->
          markdown.lines().forEach(line -> listener.say(job, "  " + Plain.of(line)));
      case AttemptEvent.Contacted contacted -> {}
      case AttemptEvent.SecretsHanded handed -> {}
      case AttemptEvent.SecretUsed used -> {}
      case AttemptEvent.Finished(var at, var end, long length) -> {
        outcome = end;
        try {
          log.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void finished(int step, StepResult result, Duration took) {
    switch (result) {
      case StepResult.Succeeded() -> {}
      case StepResult.Failed(int code, var reason) ->
          listener.say(
              job,
              "✗ " + name(step) + " failed after " + Times.length(took) + ": " + Plain.of(reason));
      case StepResult.Skipped() -> listener.say(job, "- " + name(step) + " skipped");
      case StepResult.TimedOut() ->
          listener.say(job, "✗ " + name(step) + " timed out after " + Times.length(took));
      case StepResult.Cancelled() -> listener.say(job, "- " + name(step) + " cancelled");
    }
  }

  private String name(int step) {
    var steps = job.job().steps();
    return step >= 0 && step < steps.size()
        ? Plain.of(steps.get(step).name())
        : "step " + (step + 1);
  }

  @Override
  public void log(byte[] bytes) {
    try {
      log.write(bytes);
      log.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void flush() {
    try {
      log.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

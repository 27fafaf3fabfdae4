package dev.holdfast.runner.job;

import dev.holdfast.model.definition.Step;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.wire.channel.ToRunner.RunJob;
import dev.holdfast.runner.step.Shell;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The environment of a job's steps: the agent's allowlist, what the author set, and what the event
 * and earlier jobs are, as data. Nothing is inherited from the runner.
 */
final class JobEnvironment {
  private final RunJob order;
  private final Map<String, String> own = new LinkedHashMap<>();

  JobEnvironment(RunJob order, Path eventFile) {
    this.order = order;
    Happening happening = order.event().happening();
    own.put("HOLDFAST_EVENT", kind(happening));
    own.put("HOLDFAST_REF", happening.ref().value());
    own.put("HOLDFAST_COMMIT", happening.commit().value());
    own.put("HOLDFAST_WORKFLOW", order.workflow().value());
    own.put("HOLDFAST_JOB", order.job().key());
    own.put("HOLDFAST_EVENT_FILE", eventFile.toString());
    if (happening instanceof Happening.Manual manual) {
      manual.inputs().forEach((name, value) -> own.put("HOLDFAST_INPUT_" + upper(name), value));
    }
    order.job().matrix().forEach((axis, value) -> own.put("HOLDFAST_MATRIX_" + upper(axis), value));
    order
        .outputs()
        .forEach((job, outputs) ->
            outputs.forEach((name, value) ->
                own.put("HOLDFAST_NEEDS_" + upper(job) + "_" + upper(name), value)));
  }

  /** For the steps of this kind: what Holdfast says comes last, so that nothing can pose as it. */
  Map<String, String> of(Step step, StepFiles files) {
    var env = new LinkedHashMap<>(order.env());
    env.putAll(order.job().job().env());
    if (step instanceof Step.Command command) {
      env.putAll(command.env());
    }
    env.putAll(own);
    env.put(Shell.MARK, files.output().toString());
    env.put("HOLDFAST_SUMMARY", files.summary().toString());
    return env;
  }

  private static String kind(Happening happening) {
    return switch (happening) {
      case Happening.Push push -> "push";
      case Happening.Tag tag -> "tag";
      case Happening.PullRequest pullRequest -> "pull-request";
      case Happening.Manual manual -> "manual";
      case Happening.Schedule schedule -> "schedule";
    };
  }

  /** {@code name} in upper case, all but letters and digits of ASCII as {@code _}. */
  static String upper(String name) {
    var out = new StringBuilder(name.toUpperCase(Locale.ROOT));
    for (int i = 0; i < out.length(); i++) {
      char c = out.charAt(i);
      if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9')) {
        out.setCharAt(i, '_');
      }
    }
    return out.toString();
  }
}

package dev.holdfast.runner.code;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.wire.channel.FromRunner.Diagnostic;
import dev.holdfast.model.wire.channel.ToRunner.RunJob;
import dev.holdfast.runner.job.CodeSteps;
import dev.holdfast.runner.step.Running;
import dev.holdfast.sdk.Code;
import dev.holdfast.sdk.StepCode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gets the code of a job's steps ready: compiles the sources unless the classes are at hand, has
 * them define their workflows, and checks that the job is what was planned. In a thread of its own,
 * since the author's {@code define} runs in it and need not end.
 */
public final class Preparation implements Running {
  private final RunJob order;
  private final byte @Nullable [] cached;
  private final Runnable whenOver;
  private final Thread thread = new Thread(this::run, "definition");
  private byte @Nullable [] compiled;
  private @Nullable CodeSteps code;
  private String refusal = "";
  private volatile boolean over;

  /**
   * @param cached what an earlier runner compiled from the same sources
   */
  private Preparation(RunJob order, byte @Nullable [] cached, Runnable whenOver) {
    this.order = order;
    this.cached = cached;
    this.whenOver = whenOver;
    thread.setDaemon(true);
  }

  /** Starts it; {@code whenOver} is run by its thread at the end. */
  public static Preparation start(RunJob order, byte @Nullable [] cached, Runnable whenOver) {
    var preparation = new Preparation(order, cached, whenOver);
    preparation.thread.start();
    return preparation;
  }

  /** The classes as they are to be cached; null if there is nothing new to cache. */
  public byte @Nullable [] compiled() {
    return over ? compiled : null;
  }

  /** The code, if the job can be run. */
  public Optional<CodeSteps> code() {
    return over ? Optional.ofNullable(code) : Optional.empty();
  }

  /** Why the job cannot be run, in one line. */
  public String refusal() {
    return refusal;
  }

  @Override
  public boolean over() {
    return over;
  }

  @Override
  public void terminate() {
    thread.interrupt();
  }

  @Override
  public void kill() {
    thread.interrupt();
  }

  private void run() {
    try {
      prepare();
    } catch (IOException | RuntimeException | Error e) {
      refusal = "the workflow's code cannot be made ready: " + e;
    } finally {
      over = true;
      whenOver.run();
    }
  }

  private void prepare() throws IOException {
    if (order.sources().isEmpty()) {
      refusal = "the job has steps that are code, but its sources did not come with it";
      return;
    }
    Compiled made =
        cached == null ? Compiler.compile(order.sources().get()) : Compiled.Classes.of(cached);
    switch (made) {
      case Compiled.Errors(var diagnostics) -> refusal = refusal("do not compile", diagnostics);
      case Compiled.Classes classes -> {
        if (cached == null) {
          compiled = classes.zip();
        }
        Definitions defined = Definitions.of(classes);
        if (defined.diagnostics().isEmpty()) {
          find(defined.workflows());
        } else {
          refusal = refusal("define no workflows", defined.diagnostics());
        }
      }
    }
  }

  private void find(List<dev.holdfast.sdk.Workflow> written) {
    Translation translation = Translation.of(written);
    if (!translation.diagnostics().isEmpty()) {
      refusal = refusal("define bad workflows", translation.diagnostics());
      return;
    }
    for (int w = 0; w < written.size(); w++) {
      Workflow workflow = translation.workflows().get(w);
      if (workflow.name().equals(order.workflow())) {
        for (int j = 0; j < workflow.jobs().size(); j++) {
          if (workflow.jobs().get(j).name().equals(order.job().job().name())) {
            take(workflow.jobs().get(j), written.get(w).parts().jobs().get(j).parts());
            return;
          }
        }
      }
    }
    refusal = stale("has no job " + order.job().job().name());
  }

  private void take(Job defined, dev.holdfast.sdk.Job.Parts written) {
    if (!defined.equals(order.job().job())) {
      refusal = stale("defines the job " + defined.name() + " otherwise than the lock file");
      return;
    }
    Map<String, StepCode> bodies = new LinkedHashMap<>();
    for (var step : written.steps()) {
      if (step.action() instanceof Code body) {
        bodies.put(step.name(), body.parts().body());
      }
    }
    code = new JobCode(order, bodies);
  }

  private String stale(String how) {
    return "the workflow "
        + order.workflow()
        + " in .holdfast/*.java "
        + how
        + "; run `holdfast compile` and commit the lock file";
  }

  private static String refusal(String how, List<Diagnostic> diagnostics) {
    Diagnostic first = diagnostics.getFirst();
    String place = first.line() == 0 ? "" : ".holdfast/" + first.file() + ":" + first.line() + ": ";
    return "the sources in .holdfast/ " + how + ": " + place + first.message();
  }
}

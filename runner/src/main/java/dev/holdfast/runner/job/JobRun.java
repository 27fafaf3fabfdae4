package dev.holdfast.runner.job;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.ToRunner.RunJob;
import dev.holdfast.runner.channel.AgentChannel;
import dev.holdfast.runner.keep.Keeping;
import dev.holdfast.runner.step.Others;
import dev.holdfast.runner.step.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs the steps of one job, in order, and says how each ended. */
public final class JobRun {
  private static final long FOR_EVER = Long.MAX_VALUE / 4;

  private final RunJob order;
  private final AgentChannel channel;
  private final Supervisor supervisor;
  private final @Nullable CodeSteps code;
  private final Permission permission;
  private long deadline;
  private @Nullable Outcome outcome;
  private boolean jobTimedOut;
  private boolean installing;
  private volatile int codeStep = -1;

  /**
   * @param code there if the job has code steps
   * @param started when the job's time began, by {@link System#nanoTime}
   */
  public JobRun(
      RunJob order,
      AgentChannel channel,
      Supervisor supervisor,
      @Nullable CodeSteps code,
      Permission permission,
      long started) {
    this.order = order;
    this.channel = channel;
    this.supervisor = supervisor;
    this.code = code;
    this.permission = permission;
    deadline = started + limit(order).duration().toNanos();
    installing = order.job().job().installs();
  }

  private static TimeLimit limit(RunJob order) {
    return order.job().job().timeout().orElse(Job.DEFAULT_TIMEOUT);
  }

  /**
   * Runs it to its end.
   *
   * @throws IOException if the channel is gone
   */
  public Outcome run() throws IOException, InterruptedException {
    Path directory;
    Path eventFile;
    try {
      directory = PrivateDirectory.make();
      eventFile = Files.write(directory.resolve("event.json"), event());
    } catch (IOException e) {
      return new Outcome.Broken("the sandbox has no writable /tmp: " + e);
    }
    try {
      var environment = new JobEnvironment(order, eventFile);
      Keeping keeping = Keeping.asked(order) ? new Keeping(order, channel, supervisor) : null;
      if (keeping != null) {
        Optional<Outcome> unready = keeping.before();
        if (unready.isPresent()) {
          return supervisor.cancelled() ? new Outcome.Cancelled() : unready.get();
        }
      }
      List<Step> steps = order.job().job().steps();
      for (int i = 0; i < steps.size(); i++) {
        Step step = steps.get(i);
        StepResult result = new StepResult.Skipped();
        if (wanted(step)) {
          Optional<Outcome> lingers = installed(step);
          if (lingers.isPresent()) {
            return lingers.get();
          }
          result =
              order.job().job().asks(i)
                  ? ask(step, i, directory, environment)
                  : start(step, i, directory, environment, SecretsOfStep.none());
        }
        channel.send(new FromRunner.StepFinished(i, result));
        note(step, result);
      }
      if (keeping != null && !supervisor.cancelled()) {
        Optional<Outcome> unkept = keeping.after(outcome == null);
        outcome = outcome == null ? unkept.orElse(null) : outcome;
      }
    } finally {
      remove(directory);
    }
    if (supervisor.cancelled()) {
      return new Outcome.Cancelled();
    }
    return outcome == null ? new Outcome.Succeeded() : outcome;
  }

  /**
   * Ends what steps that install have left running, once the first other step is to start: it may
   * reach more than they did, and is to have that for itself.
   *
   * @return how the job ends if that is not to be had
   */
  private Optional<Outcome> installed(Step step) throws IOException, InterruptedException {
    if (!installing || step.installs()) {
      return Optional.empty();
    }
    installing = false;
    int left = order.alone() ? Others.end() : 0;
    return left == 0
        ? Optional.empty()
        : Optional.of(
            new Outcome.Failed(
                left
                    + " processes that steps which install left behind cannot be ended, and would"
                    + " reach what later steps do",
                1));
  }

  private StepResult start(
      Step step, int number, Path directory, JobEnvironment environment, SecretsOfStep secrets)
      throws IOException, InterruptedException {
    channel.send(new FromRunner.StepStarted(number));
    codeStep = step instanceof Step.Code ? number : -1;
    StepResult result = run(step, number, directory, environment, secrets);
    codeStep = -1;
    return result;
  }

  /**
   * Waits until the agent lets the step start, and runs it with what it is given. While somebody
   * decides, no time limit runs.
   */
  private StepResult ask(Step step, int number, Path directory, JobEnvironment environment)
      throws IOException, InterruptedException {
    long asked = System.nanoTime();
    Permission.Question question = permission.question(number);
    channel.send(new FromRunner.StepWaits(number));
    boolean always = step.when().orElse(When.SUCCESS) == When.ALWAYS;
    var ending = supervisor.supervise(question, asked + FOR_EVER, always);
    deadline += System.nanoTime() - asked;
    return switch (ending) {
      case CANCELLED -> new StepResult.Cancelled();
      case TIMED_OUT -> throw new IllegalStateException("292 years are over");
      case BY_ITSELF ->
          switch (question.answer()) {
            case Permission.Answer.Ends(StepResult result) -> result;
            case Permission.Answer.MayStart may -> given(may, step, number, directory, environment);
          };
    };
  }

  private StepResult given(
      Permission.Answer.MayStart may,
      Step step,
      int number,
      Path directory,
      JobEnvironment environment)
      throws IOException, InterruptedException {
    try (var secrets = new SecretsOfStep(may.secrets(), may.withheld(), directory)) {
      if (!may.alone() || may.secrets().names().isEmpty()) {
        return start(step, number, directory, environment, secrets);
      }
      // Whatever earlier steps left running is this user's as well, and could read along.
      int left = Others.end();
      if (left > 0) {
        channel.send(new FromRunner.StepStarted(number));
        return new StepResult.Failed(
            1,
            left
                + " processes that earlier steps left behind cannot be ended, and could read the"
                + " step's secrets");
      }
      StepResult result = start(step, number, directory, environment, secrets);
      left = Others.end();
      return left > 0 && result instanceof StepResult.Succeeded
          ? new StepResult.Failed(
              1, left + " processes that it left behind cannot be ended, and have its secrets")
          : result;
    }
  }

  /** Says how the job ended when a step's code ends this process. For a shutdown hook. */
  public void codeExits() throws IOException, InterruptedException {
    int step = codeStep;
    if (step >= 0 && code != null) {
      code.settle();
      var failed =
          new StepResult.Failed(
              1, "its code ended the Java process, as by System.exit; return or throw instead");
      note(order.job().job().steps().get(step), failed);
      channel.send(new FromRunner.StepFinished(step, failed));
      channel.send(
          new FromRunner.JobFinished(
              Objects.requireNonNullElse(outcome, new Outcome.Failed(failed.reason(), 1))));
    }
  }

  private byte[] event() {
    return Records.utf8(Event.class, order.event());
  }

  private boolean wanted(Step step) {
    When when = step.when().orElse(When.SUCCESS);
    if (jobTimedOut || supervisor.stopped()) {
      return false;
    }
    return switch (when) {
      case SUCCESS -> outcome == null && !supervisor.cancelled();
      case FAILURE -> outcome != null && !supervisor.cancelled();
      case ALWAYS -> true;
    };
  }

  private StepResult run(
      Step step, int number, Path directory, JobEnvironment environment, SecretsOfStep secrets)
      throws IOException, InterruptedException {
    StepFiles files;
    try {
      files = StepFiles.make(directory, number);
    } catch (IOException e) {
      return new StepResult.Failed(1, "the sandbox cannot write to /tmp: " + e);
    }
    var attempt =
        new StepAttempt(
            channel,
            supervisor,
            directory,
            files,
            environment.of(step, files),
            secrets,
            workingDirectory(step),
            order.job().job().secretOutputs(),
            Math.min(deadline, stepDeadline(step)),
            step.when().orElse(When.SUCCESS) == When.ALWAYS);
    StepResult result =
        switch (step) {
          case Step.Command command -> attempt.run(command, number);
          case Step.Code named when code != null -> attempt.run(named, code);
          case Step.Code named ->
              new StepResult.Failed(1, "the workflow's sources did not come with the job");
        };
    if (result instanceof StepResult.TimedOut && deadline - System.nanoTime() <= 0) {
      jobTimedOut = true;
    }
    return result;
  }

  private Path workingDirectory(Step step) {
    Path workspace = Path.of(order.workspace());
    var own = step instanceof Step.Command command ? command.directory() : Optional.<String>empty();
    return own.or(order.job().job()::directory).map(workspace::resolve).orElse(workspace);
  }

  private static long stepDeadline(Step step) {
    // Nothing may run for 292 years, so the sum does not overflow its meaning.
    return step.timeout()
        .map(limit -> System.nanoTime() + limit.duration().toNanos())
        .orElse(System.nanoTime() + FOR_EVER);
  }

  /** The first thing that goes wrong is how the job ended. */
  private void note(Step step, StepResult result) {
    if (outcome != null) {
      return;
    }
    String name = "the step " + Quote.of(step.name());
    outcome =
        switch (result) {
          case StepResult.Succeeded() -> null;
          case StepResult.Skipped() -> null;
          case StepResult.Cancelled() -> new Outcome.Cancelled();
          case StepResult.Failed(int exitCode, String reason) ->
              new Outcome.Failed(name + " failed: " + reason, exitCode);
          case StepResult.TimedOut() when jobTimedOut ->
              new Outcome.TimedOut("the job took longer than its " + limit(order) + ", in " + name);
          case StepResult.TimedOut() ->
              new Outcome.TimedOut(
                  name
                      + " took longer than its "
                      + step.timeout().map(TimeLimit::value).orElse("time"));
        };
  }

  private static void remove(Path directory) {
    try {
      PrivateDirectory.remove(directory);
    } catch (IOException e) {
      // The sandbox goes with everything in it; where there is none, the agent's own sweep comes.
      System.err.println("holdfast runner: " + directory + " is left behind: " + e);
    }
  }
}

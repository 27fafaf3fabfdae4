package dev.holdfast.runner.code;

import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.ToRunner.RunJob;
import dev.holdfast.runner.job.CodeSteps;
import dev.holdfast.runner.job.Outputs;
import dev.holdfast.runner.job.SecretsOfStep;
import dev.holdfast.runner.step.LogSink;
import dev.holdfast.sdk.StepCode;
import dev.holdfast.sdk.StepFailed;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The code of one job's steps, ready to run. What a step prints goes to its log. */
final class JobCode implements CodeSteps {
  private final RunJob order;
  private final Map<String, StepCode> bodies;
  private volatile @Nullable Execution last;

  /**
   * @param bodies by name of the step
   */
  JobCode(RunJob order, Map<String, StepCode> bodies) {
    this.order = order;
    this.bodies = bodies;
  }

  @Override
  public RunningCode start(
      String step,
      Map<String, String> env,
      SecretsOfStep secrets,
      Path directory,
      LogSink log,
      Outputs.Sink secretOutputs,
      Runnable whenOver) {
    StepCode body = bodies.get(step);
    if (body == null) {
      throw new IllegalStateException("the job has no code for its step " + step);
    }
    var running = new Execution(order, body, env, secrets, directory, log, secretOutputs, whenOver);
    last = running;
    running.start();
    return running;
  }

  @Override
  public void settle() throws InterruptedException {
    Execution running = last;
    if (running != null) {
      running.settle();
    }
  }

  private static final class Execution implements RunningCode {
    private final StepCode body;
    private final Runnable whenOver;
    private final PrintedLog printed;
    private final Shells shells;
    private final Context context;
    private final Thread thread;
    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private Optional<StepResult.Failed> failure = Optional.empty();
    private volatile boolean over;

    Execution(
        RunJob order,
        StepCode body,
        Map<String, String> env,
        SecretsOfStep secrets,
        Path directory,
        LogSink log,
        Outputs.Sink secretOutputs,
        Runnable whenOver) {
      this.body = body;
      this.whenOver = whenOver;
      printed = new PrintedLog(log);
      shells = new Shells(env, secrets, directory);
      context = new Context(order, env, secrets, shells, printed, secretOutputs);
      thread = new Thread(this::run, "step");
      thread.setDaemon(true);
      thread.setContextClassLoader(body.getClass().getClassLoader());
    }

    void start() {
      PrintStream stream = PrintRouter.stream(printed);
      System.setOut(stream);
      System.setErr(stream);
      thread.start();
    }

    private void run() {
      PrintRouter.printTo(printed);
      try {
        body.run(context);
      } catch (StepFailed e) {
        failure = Optional.of(new StepResult.Failed(e.exitCode(), AuthorError.line(e)));
      } catch (Throwable e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        byte[] trace = AuthorError.trace(e).getBytes(StandardCharsets.UTF_8);
        printed.write(trace, 0, trace.length);
        failure = Optional.of(new StepResult.Failed(1, AuthorError.line(e)));
      } finally {
        over = true;
        whenOver.run();
      }
    }

    @Override
    public boolean over() {
      return over;
    }

    @Override
    public void terminate() {
      thread.interrupt();
      shells.terminate();
    }

    @Override
    public void kill() {
      shells.kill();
    }

    @Override
    public void settle() throws InterruptedException {
      shells.kill();
      // Code that could not be stopped goes on printing to nowhere.
      if (over) {
        System.setOut(out);
        System.setErr(err);
      }
      printed.settle();
    }

    @Override
    public Optional<StepResult.Failed> failure() {
      return over ? failure : Optional.empty();
    }

    @Override
    public Map<String, String> outputs() {
      return context.outputs();
    }

    @Override
    public String summary() {
      return context.summary();
    }
  }
}

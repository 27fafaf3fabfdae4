package dev.holdfast.runner.job;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.runner.channel.AgentChannel;
import dev.holdfast.runner.job.StepFiles.BadStepFile;
import dev.holdfast.runner.secret.Variables;
import dev.holdfast.runner.step.LogSink;
import dev.holdfast.runner.step.Shell;
import dev.holdfast.runner.step.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One step, run once.
 *
 * @param env all of its environment, but for secrets
 * @param secretOutputs which of the job's outputs are secret
 * @param deadline by {@link System#nanoTime}
 * @param always whether it runs also after a cancel
 */
record StepAttempt(
    AgentChannel channel,
    Supervisor supervisor,
    Path directory,
    StepFiles files,
    Map<String, String> env,
    SecretsOfStep secrets,
    Path workingDirectory,
    Set<Name> secretOutputs,
    long deadline,
    boolean always) {

  /** What a shell says of a command that cannot be started. */
  private static final int CANNOT_START = 126;

  StepResult run(Step.Command step, int number) throws IOException, InterruptedException {
    if (!Files.isDirectory(workingDirectory)) {
      return noDirectory();
    }
    Variables variables = secrets.of(step);
    if (!variables.unfit().isEmpty()) {
      return new StepResult.Failed(CANNOT_START, variables.unfit());
    }
    Shell shell;
    try {
      shell =
          Shell.start(
              Shell.Script.of(step.run(), directory.resolve("script-" + number + ".sh")),
              env,
              variables,
              workingDirectory,
              log(),
              supervisor::changed);
    } catch (IOException e) {
      return new StepResult.Failed(CANNOT_START, cannotStart(e));
    }
    var ending = supervisor.supervise(shell, deadline, always);
    if (ending != Supervisor.Ending.BY_ITSELF) {
      shell.sweep();
    }
    shell.settle();
    var failed = send(fromFiles());
    return switch (ending) {
      case TIMED_OUT -> new StepResult.TimedOut();
      case CANCELLED -> new StepResult.Cancelled();
      case BY_ITSELF -> shell.exitCode() == 0 ? failed : exit(shell.exitCode());
    };
  }

  StepResult run(Step.Code step, CodeSteps code) throws IOException, InterruptedException {
    if (!Files.isDirectory(workingDirectory)) {
      return noDirectory();
    }
    var running =
        code.start(
            step.name(),
            env,
            secrets,
            workingDirectory,
            log(),
            (name, value) -> channel.send(new FromRunner.Output(name, value)),
            supervisor::changed);
    var ending = supervisor.supervise(running, deadline, always);
    running.settle();
    StepResult given = send(new Given(running.outputs(), running.summary(), ""));
    // Its commands may have used the files as well.
    StepResult written = send(fromFiles());
    return switch (ending) {
      case TIMED_OUT -> new StepResult.TimedOut();
      case CANCELLED -> new StepResult.Cancelled();
      case BY_ITSELF ->
          running.failure().isPresent()
              ? running.failure().get()
              : given instanceof StepResult.Succeeded ? written : given;
    };
  }

  private LogSink log() {
    return channel::log;
  }

  private StepResult noDirectory() {
    return new StepResult.Failed(
        CANNOT_START, "its directory " + Quote.of(workingDirectory.toString()) + " is not there");
  }

  private static String cannotStart(IOException e) {
    String message = String.valueOf(e.getMessage());
    if (!Files.isExecutable(Path.of("/bin/sh"))) {
      return "the job's image has no /bin/sh, which command steps need";
    }
    if (message.contains("error=7,")) {
      return "its environment is larger than the kernel takes; set fewer or shorter variables,"
          + " inputs and outputs";
    }
    return "/bin/sh cannot be started: " + message;
  }

  private static StepResult exit(int code) {
    String meaning =
        switch (code) {
          case 126 -> ", a command that cannot be executed";
          case 127 -> ", a command that was not found";
          case 137 -> ", killed, as by the kernel when memory runs out";
          case 143 -> ", terminated";
          default -> "";
        };
    return new StepResult.Failed(code, "exit code " + code + meaning);
  }

  /**
   * What a step gave.
   *
   * @param wrong why it cannot be taken; empty if it can
   */
  private record Given(Map<String, String> outputs, String summary, String wrong) {}

  private Given fromFiles() {
    var outputs = new LinkedHashMap<String, String>();
    try {
      String unfit = "";
      for (var output : files.outputs().entrySet()) {
        Optional<String> why =
            secretOutputs.contains(output.getKey())
                ? Outputs.unfit(output.getKey(), output.getValue())
                : Optional.empty();
        if (why.isPresent()) {
          unfit = why.get();
        } else {
          outputs.put(output.getKey().value(), output.getValue());
        }
      }
      return new Given(outputs, files.markdown(), unfit);
    } catch (BadStepFile e) {
      return new Given(outputs, "", String.valueOf(e.getMessage()));
    }
  }

  private StepResult send(Given given) throws IOException {
    for (var output : given.outputs().entrySet()) {
      channel.send(new FromRunner.Output(new Name(output.getKey()), output.getValue()));
    }
    if (!given.summary().isEmpty()) {
      channel.send(new FromRunner.Summary(given.summary()));
    }
    return given.wrong().isEmpty()
        ? new StepResult.Succeeded()
        : new StepResult.Failed(1, given.wrong());
  }
}

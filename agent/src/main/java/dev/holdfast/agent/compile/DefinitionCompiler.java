package dev.holdfast.agent.compile;

import dev.holdfast.agent.channel.ChannelListener;
import dev.holdfast.agent.channel.EvaluationConversation;
import dev.holdfast.agent.channel.ProtocolViolation;
import dev.holdfast.agent.channel.RunnerLink;
import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.ToRunner;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Compiles and evaluates workflow sources, which is running somebody's code: in a sandbox that is
 * made for it and thrown away, also on a developer's own machine, where the repository may be a
 * stranger's. Thread-safe.
 */
public final class DefinitionCompiler {
  private final SandboxBackend backend;
  private final JobDirectories directories;
  private final RunnerDistribution distribution;
  private final Duration patience;
  private final ScheduledExecutorService timer;

  /**
   * @param backend stays the caller's to close
   * @param patience for the runner's start, the compiler and the sources' own code together
   */
  public DefinitionCompiler(
      SandboxBackend backend,
      JobDirectories directories,
      RunnerDistribution distribution,
      Duration patience,
      ScheduledExecutorService timer) {
    this.backend = backend;
    this.directories = directories;
    this.distribution = distribution;
    this.patience = patience;
    this.timer = timer;
  }

  /**
   * What {@code sources} define, or why they do not.
   *
   * @throws CompileFailed if they could not be evaluated
   */
  public FromRunner.Evaluated evaluate(Sources sources) throws CompileFailed, InterruptedException {
    try {
      Path directory = directories.create("compile-" + UUID.randomUUID());
      try {
        return inSandbox(sources, directory);
      } finally {
        directories.remove(directory);
      }
    } catch (IOException | SandboxRefused e) {
      throw new CompileFailed("the workflows cannot be evaluated: " + e.getMessage(), e);
    } catch (ProtocolViolation e) {
      throw new CompileFailed(String.valueOf(e.getMessage()), e);
    }
  }

  private FromRunner.Evaluated inSandbox(Sources sources, Path directory)
      throws IOException, SandboxRefused, ProtocolViolation, CompileFailed, InterruptedException {
    var spec =
        new SandboxSpec(
            directory.getFileName().toString(),
            directory,
            distribution.directory(),
            Optional.empty(),
            Limits.standard(),
            Optional.empty(),
            RunnerDistribution.command(),
            RunnerDistribution.environment());
    try (Sandbox sandbox = backend.create(spec);
        var listener = ChannelListener.open(spec.channel(), sandbox.user())) {
      sandbox.handOver();
      sandbox.start();
      ScheduledFuture<?> end =
          timer.schedule(sandbox::kill, patience.toMillis(), TimeUnit.MILLISECONDS);
      try (RunnerLink link = listener.accept(patience, sandbox.exited(), timer)) {
        EvaluationConversation.greet(link.read());
        link.send(new ToRunner.Evaluate(sources));
        return EvaluationConversation.answer(link.read());
      } catch (SandboxUnavailable e) {
        throw e;
      } catch (IOException e) {
        throw new CompileFailed(why(end.isDone(), sandbox, e), e);
      } finally {
        end.cancel(false);
      }
    }
  }

  private String why(boolean late, Sandbox sandbox, IOException e) {
    if (late) {
      return "the workflows took longer than "
          + patience.toSeconds()
          + " s to compile and define; look for code in define() that waits or does not end";
    }
    String words = sandbox.diagnostics().replaceAll("\\s+", " ");
    return "the runner ended before it had evaluated the workflows: "
        + (words.isEmpty() ? e.getMessage() : words);
  }
}

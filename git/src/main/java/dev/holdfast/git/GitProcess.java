package dev.holdfast.git;

import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Runs of git with the {@link Settings}, in bounded time and with bounded output. Thread-safe. */
final class GitProcess {
  /** What git may say on standard error before it is cut. */
  private static final int MOST_ERRORS = 16 * 1024;

  /** For git to remove its lock files, once it is asked to end. */
  private static final Duration PARTING = Duration.ofSeconds(2);

  private static final List<String> GONE =
      List.of(
          "not our ref",
          "unadvertised object",
          "Unable to find",
          "couldn't find remote ref",
          "no such remote ref",
          "nonexistent object",
          "bad object");

  private final String program;
  private final Path home;
  private final Duration timeout;
  private final Map<String, String> environment;

  /**
   * @param home a folder of ours, with git's settings
   * @param timeout for each run
   */
  GitProcess(Path home, Duration timeout) {
    this("git", home, timeout);
  }

  GitProcess(String program, Path home, Duration timeout) {
    this(program, home, timeout, Map.of());
  }

  private GitProcess(String program, Path home, Duration timeout, Map<String, String> environment) {
    this.program = program;
    this.home = home;
    this.timeout = timeout;
    this.environment = environment;
  }

  /** The same with variables besides those of {@link Settings}. */
  GitProcess with(Map<String, String> environment) {
    return new GitProcess(program, home, timeout, Map.copyOf(environment));
  }

  /** What a run printed, if it ended well or with a status that the caller expects. */
  record Result(int exit, byte[] out) {
    String text() {
      return new String(out, StandardCharsets.UTF_8);
    }
  }

  /** Questions and answers with a run of git that goes on until it is told enough. */
  interface Conversation<T> {
    T with(OutputStream in, InputStream out) throws IOException;
  }

  /**
   * Runs git to its end.
   *
   * @param doing for the error: "cannot " + doing
   * @param most bytes of output; more is a failure
   * @param alsoFine exit statuses besides 0 that are an answer
   */
  Result run(
      String doing,
      Path directory,
      String protocols,
      byte[] input,
      int most,
      List<Integer> alsoFine,
      List<String> arguments)
      throws GitFailed {
    Process process = start(doing, directory, protocols, arguments);
    var out = Output.of(process.getInputStream(), most, process::destroy);
    var err = Output.of(process.getErrorStream(), MOST_ERRORS, () -> {});
    try {
      try (var stdin = process.getOutputStream()) {
        stdin.write(input);
      } catch (IOException e) {
        // Git ended before it read everything; its exit status and words say why.
      }
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw noAnswer(doing);
      }
      byte[] printed = out.bytes();
      if (out.tooLarge()) {
        throw new GitTooLarge("cannot " + doing + ": it is larger than " + most + " bytes");
      }
      if (process.exitValue() != 0 && !alsoFine.contains(process.exitValue())) {
        throw failure(doing, err.bytes(), process.exitValue());
      }
      if (out.broken()) {
        throw new GitFailed("cannot " + doing + ": git's output broke off");
      }
      return new Result(process.exitValue(), printed);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GitFailed("cannot " + doing + ": interrupted", e);
    } finally {
      end(process);
    }
  }

  /** Runs git for as long as {@code conversation} takes. */
  <T> T converse(String doing, Path directory, Conversation<T> conversation, List<String> arguments)
      throws GitFailed {
    Process process = start(doing, directory, "", arguments);
    var err = Output.of(process.getErrorStream(), MOST_ERRORS, () -> {});
    var limit = new CompletableFuture<Void>();
    var _ =
        limit
            .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete((_, late) -> {
              if (late instanceof TimeoutException) {
                process.destroyForcibly();
              }
            });
    try (var in = process.getOutputStream();
        var out = process.getInputStream()) {
      // Closing both ends git, and nobody needs to wait for that.
      return conversation.with(in, out);
    } catch (GitFailed e) {
      throw e;
    } catch (IOException e) {
      if (limit.isCompletedExceptionally()) {
        throw noAnswer(doing);
      }
      try {
        boolean ended = process.waitFor(PARTING.toMillis(), TimeUnit.MILLISECONDS);
        throw failure(doing, err.bytes(), ended ? process.exitValue() : -1);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new GitFailed("cannot " + doing + ": interrupted", interrupted);
      }
    } finally {
      limit.complete(null);
    }
  }

  private Process start(String doing, Path directory, String protocols, List<String> arguments)
      throws GitFailed {
    var command = new ArrayList<String>();
    command.add(program);
    for (String setting : Settings.ALWAYS) {
      command.add("-c");
      command.add(setting);
    }
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    Settings.environment(builder.environment(), home, protocols);
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new GitFailed("cannot " + doing + ": git does not start: " + e.getMessage(), e);
    }
  }

  /**
   * Ends what is left of a run, and what it started. Git is asked first, since one that is killed
   * leaves its lock files in the way of the next.
   */
  private static void end(Process process) {
    if (!process.isAlive()) {
      return;
    }
    List<ProcessHandle> all =
        Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    all.forEach(ProcessHandle::destroy);
    boolean interrupted = Thread.interrupted();
    try {
      CompletableFuture.allOf(
              all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new))
          .completeOnTimeout(null, PARTING.toMillis(), TimeUnit.MILLISECONDS)
          .join();
    } finally {
      all.forEach(ProcessHandle::destroyForcibly);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private GitFailed noAnswer(String doing) {
    return new GitFailed(
        "cannot " + doing + ": git gave no answer within " + timeout.toSeconds() + " s");
  }

  private static GitFailed failure(String doing, byte[] said, int exit) {
    String words = oneLine(new String(said, StandardCharsets.UTF_8), exit);
    String message = "cannot " + doing + ": " + words;
    return GONE.stream().anyMatch(words::contains) ? new GitGone(message) : new GitFailed(message);
  }

  private static String oneLine(String said, int exit) {
    List<String> lines = said.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
    String words =
        lines.stream()
            .filter(line -> line.startsWith("fatal:") || line.startsWith("error:"))
            .findFirst()
            .or(() -> lines.stream().findFirst())
            .orElse("git ended with status " + exit);
    return Quote.line(words, 300);
  }
}

package dev.holdfast.agent.egress.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** A program of the host by its full path: what {@code PATH} says to the agent is not asked. */
public record Program(Path path) {
  private static final List<Path> PLACES =
      List.of(
          Path.of("/usr/sbin"),
          Path.of("/sbin"),
          Path.of("/usr/bin"),
          Path.of("/bin"),
          Path.of("/usr/local/sbin"),
          Path.of("/usr/local/bin"));

  private static final int LONGEST_SECONDS = 20;

  /** What a program printed and how it ended. */
  public record Answer(int exit, String out, String err) {
    public boolean good() {
      return exit == 0;
    }

    /** Its complaint on one line. */
    public String complaint() {
      String text = (err.isBlank() ? out : err).strip().replaceAll("\\s+", " ");
      return text.length() > 400 ? text.substring(0, 400) + "…" : text;
    }
  }

  public static Optional<Program> find(String name) {
    return PLACES.stream()
        .map(p -> p.resolve(name))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Program::new);
  }

  /** As {@link #find}, for one that cannot be done without. */
  public static Program need(String name, String debianPackage) throws EgressUnavailable {
    return find(name)
        .orElseThrow(() ->
            new EgressUnavailable(
                "egress needs the program "
                    + name
                    + ", which is not in "
                    + PLACES
                    + "; install "
                    + debianPackage));
  }

  /**
   * Runs it to its end with {@code input} as its standard input, in an empty environment.
   *
   * @throws EgressUnavailable if it cannot be started, or is not done after {@value
   *     #LONGEST_SECONDS} seconds
   */
  public Answer run(String input, String... arguments) throws EgressUnavailable {
    var command = new ArrayList<String>();
    command.add(path.toString());
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C"));
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new EgressUnavailable("cannot run " + path + ": " + e.getMessage(), e);
    }
    try {
      var out = CompletableFuture.supplyAsync(() -> text(process.inputReader()), Program::thread);
      var err = CompletableFuture.supplyAsync(() -> text(process.errorReader()), Program::thread);
      feed(process, input);
      awaitEnd(process, command);
      return new Answer(process.exitValue(), out.join(), err.join());
    } catch (IOException | CompletionException e) {
      throw new EgressUnavailable("cannot talk to " + path + ": " + e.getMessage(), e);
    } finally {
      process.destroyForcibly();
    }
  }

  /** Also in a thread that was interrupted: what is taken down must be taken down to its end. */
  private static void awaitEnd(Process process, List<String> command) throws EgressUnavailable {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
            throw new EgressUnavailable(
                "not done after " + LONGEST_SECONDS + " seconds: " + String.join(" ", command));
          }
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** As {@link #run}, and to its good end. */
  public String must(String what, String input, String... arguments) throws EgressUnavailable {
    Answer answer = run(input, arguments);
    if (!answer.good()) {
      throw new EgressUnavailable("cannot " + what + ": " + path + " says: " + answer.complaint());
    }
    return answer.out();
  }

  private static void thread(Runnable task) {
    Thread.ofVirtual().name("egress-program-output").start(task);
  }

  private static void feed(Process process, String input) throws IOException {
    try (var stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended without reading: its exit says why. If it still lives, the pipe is broken.
      if (process.isAlive()) {
        throw e;
      }
    }
  }

  private static String text(java.io.BufferedReader reader) {
    try (reader) {
      return reader.readAllAsString();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}

package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent as a child process, so that neither's credentials nor failures are the other's. It holds
 * the other end of the child's input, whose end tells the child to go: also when this process is
 * killed. Thread-safe.
 */
final class AgentChild implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentChild.class);
  private static final long LONGEST_PAUSE_MILLIS = 30_000;

  /** Longer than the agent takes to end its jobs and to say so. */
  private static final long STOPPING_SECONDS = 40;

  private final Terminal terminal;
  private final List<String> arguments;
  private @Nullable Process process;
  private boolean stopping;

  AgentChild(Terminal terminal, List<String> arguments) {
    this.terminal = terminal;
    this.arguments = List.copyOf(arguments);
  }

  /** Starts it, unless it is to stop. */
  synchronized void start() {
    if (stopping) {
      return;
    }
    var builder =
        new ProcessBuilder(command())
            .directory(Path.of("/").toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().keySet().removeAll(List.of("HOLDFAST_TOKEN", "HOLDFAST_AGENT_TOKEN"));
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new Refusal(ExitCode.INTERNAL, "the agent cannot be started: " + e.getMessage(), e);
    }
  }

  /** By the launcher of the distribution; where there is none, on this Java with these classes. */
  private List<String> command() {
    var command = new ArrayList<String>();
    Path launcher =
        terminal.variable("HOLDFAST_HOME").map(h -> Path.of(h, "bin/holdfast")).orElse(Path.of(""));
    if (Files.isExecutable(launcher) && !Files.isDirectory(launcher)) {
      command.add(launcher.toString());
    } else {
      command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
      command.add("--enable-native-access=ALL-UNNAMED");
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(Main.class.getName());
    }
    command.addAll(arguments);
    return command;
  }

  synchronized boolean alive() {
    return process != null && process.isAlive();
  }

  /** From now on starts it again whenever it ends, ever more slowly if it ends at once. */
  void supervise() {
    Thread.ofVirtual().name("agent-child").start(this::keepUp);
  }

  private void keepUp() {
    long pause = 500;
    try {
      while (true) {
        Process now;
        synchronized (this) {
          now = process;
        }
        if (now == null) {
          return;
        }
        long began = System.nanoTime();
        int code = now.waitFor();
        synchronized (this) {
          if (stopping) {
            return;
          }
        }
        boolean soon = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began) < 60;
        pause = soon ? Math.min(pause * 2, LONGEST_PAUSE_MILLIS) : 1000;
        LOG.warn("the agent ended with {}; it is started again in {} ms", code, pause);
        Thread.sleep(pause);
        start();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Tells it to stop, and waits until it has; once more does nothing. */
  void stop() throws InterruptedException {
    Process now;
    synchronized (this) {
      stopping = true;
      now = process;
    }
    if (now == null) {
      return;
    }
    now.destroy();
    if (!now.waitFor(STOPPING_SECONDS, TimeUnit.SECONDS)) {
      LOG.warn("the agent does not stop; it is killed");
      now.destroyForcibly().waitFor();
    }
  }

  @Override
  public void close() {
    try {
      stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

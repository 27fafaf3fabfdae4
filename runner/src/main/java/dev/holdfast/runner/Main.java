package dev.holdfast.runner;

import dev.holdfast.runner.channel.AgentChannel;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/** The runner: one process in one sandbox, for one job or one evaluation. */
public final class Main {
  /** Its agent is gone, or does not keep to the protocol. */
  private static final int LOST = 3;

  private static final int USAGE = 2;

  /** As it was at the start: the author's code may replace the other. */
  private static final PrintStream ERR = System.err;

  private Main() {}

  /**
   * {@code run SOCKET} serves the agent at that socket. {@code rehearse} goes through all of it
   * against itself, so that the JVM can learn what to load ahead of time.
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length == 2 && args[0].equals("run")) {
      run(Path.of(args[1]));
    } else if (args.length == 1 && args[0].equals("rehearse")) {
      Rehearsal.play();
    } else {
      ERR.println("usage: holdfast-runner run SOCKET | rehearse");
      exit(USAGE);
    }
  }

  private static void run(Path socket) throws InterruptedException {
    try {
      var channel = AgentChannel.connect(socket);
      new Session(channel, Main::lost).run();
      exit(0);
    } catch (IOException e) {
      ERR.println("holdfast runner: the channel to the agent is gone: " + e.getMessage());
      lost();
    }
  }

  /** Without its agent there is nobody to run for: nothing may outlive it. */
  private static void lost() {
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    exit(LOST);
  }

  /** At once: no hook, no thread that a step left behind, may hold the sandbox open. */
  private static void exit(int code) {
    Runtime.getRuntime().halt(code);
  }
}

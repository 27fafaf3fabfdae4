package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import java.time.Duration;

/** What a command that cleans up after itself does at Ctrl-C. */
final class CtrlC {
  private CtrlC() {}

  /**
   * At Ctrl-C asks what runs to stop, lets the calling thread clean up, and ends with 130.
   *
   * @param patience for the cleaning
   * @return the shutdown hook, for who ends before
   */
  static Thread stops(Runnable stop, Duration patience) {
    Thread main = Thread.currentThread();
    Thread hook =
        new Thread(
            () -> {
              stop.run();
              try {
                main.join(patience.toMillis());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code());
            },
            "stop");
    Runtime.getRuntime().addShutdownHook(hook);
    return hook;
  }
}

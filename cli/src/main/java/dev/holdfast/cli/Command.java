package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** One command. Made for each call, for one {@link Terminal}. */
abstract class Command implements Callable<Integer> {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      order = 1000,
      description = "Show this help and exit.")
  boolean help;

  final Terminal terminal;

  Command(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Does it; what cannot be done is a {@link dev.holdfast.cli.terminal.Refusal}. */
  abstract ExitCode run() throws Exception;

  @Override
  public final Integer call() throws Exception {
    return run().code();
  }
}

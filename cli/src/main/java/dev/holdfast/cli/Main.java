package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code holdfast} command. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    Terminal terminal = Terminal.ofProcess();
    boolean rehearsal = args.length > 0 && args[0].equals(Rehearsal.NAME);
    int code = rehearsal ? Rehearsal.run(terminal, args) : run(terminal, args);
    if (!ending()) {
      System.exit(code);
    }
  }

  /**
   * Whether a signal is ending the process: then its handler says how, once this thread is gone.
   */
  private static boolean ending() {
    try {
      var probe = new Thread(() -> {});
      Runtime.getRuntime().addShutdownHook(probe);
      Runtime.getRuntime().removeShutdownHook(probe);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  /** Runs one command and returns what the process is to end with. */
  public static int run(Terminal terminal, String... args) {
    CommandLine line = CommandTree.forCall(terminal, List.of(args));
    line.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    line.setParameterExceptionHandler((e, all) -> wrongUsage(terminal, e));
    line.setExecutionExceptionHandler((e, command, parsed) -> failed(terminal, e).code());
    int code = line.execute(args);
    terminal.out().flush();
    terminal.err().flush();
    return code;
  }

  private static int wrongUsage(Terminal terminal, ParameterException e) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    String message = Plain.of(String.valueOf(e.getMessage()), 1000);
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      String given = unmatched.getUnmatched().getFirst();
      boolean isCommand = !given.startsWith("-") && !command.getSubcommands().isEmpty();
      message =
          Plain.of(given, 100)
              + (isCommand ? " is not a command of " : " is not an argument of ")
              + name
              + nearest(unmatched, command, given);
    }
    terminal.err().println("holdfast: " + message);
    terminal.err().println("Try: " + name + " --help");
    return ExitCode.USAGE.code();
  }

  private static String nearest(UnmatchedArgumentException e, CommandLine command, String given) {
    List<String> close =
        given.startsWith("-")
            ? e.getSuggestions()
            : Nearest.of(given, command.getSubcommands().keySet());
    return close.isEmpty() ? "" : "; did you mean " + String.join(" or ", close) + "?";
  }

  private static ExitCode failed(Terminal terminal, Exception e) {
    if (terminal.env().containsKey("HOLDFAST_DEBUG")) {
      e.printStackTrace(terminal.err());
    }
    return switch (e) {
      case Refusal refusal -> {
        refusal.details().forEach(terminal.err()::println);
        terminal.err().println("holdfast: " + refusal.getMessage());
        yield refusal.code();
      }
      case InterruptedException interrupted -> {
        Thread.currentThread().interrupt();
        yield ExitCode.INTERRUPTED;
      }
      default -> {
        terminal
            .err()
            .println(
                "holdfast: this should not have happened: "
                    + e.getClass().getSimpleName()
                    + ": "
                    + Plain.of(String.valueOf(e.getMessage()), 500)
                    + "; HOLDFAST_DEBUG=1 shows where");
        yield ExitCode.INTERNAL;
      }
    };
  }
}

package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;

/**
 * Several calls in one process, for the build: it trains Java's start-up cache by the real use of
 * short commands. Not for people, and so not among the commands.
 */
final class Rehearsal {
  static final String NAME = "rehearse";
  private static final String NEXT = ",";

  private Rehearsal() {}

  /**
   * Runs the calls that {@code args} hold behind the name, with a comma between them.
   *
   * @return the first exit code that is not 0
   */
  static int run(Terminal terminal, String... args) {
    int code = ExitCode.OK.code();
    var call = new ArrayList<String>();
    for (String word : List.of(args).subList(1, args.length)) {
      if (word.equals(NEXT)) {
        code = code == 0 ? Main.run(terminal, call.toArray(String[]::new)) : code;
        call.clear();
      } else {
        call.add(word);
      }
    }
    return code == 0 ? Main.run(terminal, call.toArray(String[]::new)) : code;
  }
}

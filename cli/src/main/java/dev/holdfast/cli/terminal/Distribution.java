package dev.holdfast.cli.terminal;

import java.nio.file.Path;

/** The distribution that this command was started from. */
public final class Distribution {
  private Distribution() {}

  /**
   * Its folder.
   *
   * @param lacks what there is not without one, for people
   */
  public static Path home(Terminal terminal, String lacks) {
    return terminal
        .variable("HOLDFAST_HOME")
        .map(Path::of)
        .orElseThrow(() ->
            new Refusal(
                ExitCode.INTERNAL,
                "this holdfast was not started from a distribution, so it has "
                    + lacks
                    + "; run script/build and use dist/bin/holdfast"));
  }
}

package dev.holdfast.cli;

import dev.holdfast.cli.terminal.Terminal;

/** How much our own code writes to standard error as it works; read by logback.xml. */
final class Logging {
  private Logging() {}

  /** For a process that lives long: what happens, a line each. Before anything else is done. */
  static void forService(Terminal terminal) {
    System.setProperty(
        "holdfast.log", terminal.env().containsKey("HOLDFAST_DEBUG") ? "DEBUG" : "INFO");
  }
}

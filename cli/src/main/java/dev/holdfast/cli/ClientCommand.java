package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Connection;
import dev.holdfast.cli.terminal.Terminal;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command that asks a server. */
abstract class ClientCommand extends Command {
  @Option(
      names = "--server",
      paramLabel = "URL",
      order = 900,
      description =
          "The server; else HOLDFAST_SERVER, else the one that runs on this host's data folder.")
  @Nullable String server;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      order = 901,
      description = "Holds the token; else HOLDFAST_TOKEN, else the data folder's admin-token.")
  @Nullable Path tokenFile;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      order = 902,
      description =
          "The server's data folder; else HOLDFAST_DATA, else $${XDG_STATE_HOME:-~/.local/state}/holdfast.")
  @Nullable Path data;

  @Option(names = "--json", order = 903, description = "Print JSON, for scripts.")
  boolean json;

  ClientCommand(Terminal terminal) {
    super(terminal);
  }

  final Api api() {
    return new Api(Connection.of(terminal, server, tokenFile, data), terminal);
  }
}

package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code holdfast} alone. */
@CommandLine.Command(
    name = "holdfast",
    description = "A self-hosted CI that is safe to run on your own machines by default.",
    footer = {
      "",
      "Examples:",
      "  holdfast init && holdfast run      write a first workflow and run it here, without a server",
      "  holdfast dev                       server and agent on this machine, until Ctrl-C",
      "  holdfast repo add /srv/git/app.git @|faint  # from another terminal|@",
      "  holdfast logs -f last              follow the newest run"
    })
final class Holdfast extends Command {
  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Print the version and exit.")
  boolean version;

  @Spec CommandSpec spec = CommandSpec.create();

  Holdfast(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    spec.commandLine().usage(terminal.out());
    return ExitCode.USAGE;
  }
}

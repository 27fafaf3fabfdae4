package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.json.Quote;
import java.util.ArrayList;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;

/** {@code holdfast completion}. */
@CommandLine.Command(
    name = "completion",
    description = "Prints a script that lets a shell complete holdfast's commands and options.",
    footer = {
      "",
      "Examples:",
      "  source <(holdfast completion bash)                             in ~/.bashrc",
      "  source <(holdfast completion zsh)                              in ~/.zshrc",
      "  holdfast completion fish > ~/.config/fish/completions/holdfast.fish"
    })
final class CompletionCommand extends Command {
  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
  String shell = "";

  CompletionCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    CommandLine tree = CommandTree.full(terminal);
    String script =
        switch (shell) {
          // The script that bash is given asks zsh for its bash mode itself.
          case "bash", "zsh" -> AutoComplete.bash("holdfast", tree);
          case "fish" -> fish(tree);
          default ->
              throw new Refusal(
                  ExitCode.USAGE,
                  Quote.of(shell) + " is not a shell known here; write bash, zsh or fish");
        };
    terminal.out().print(script);
    return ExitCode.OK;
  }

  private static String fish(CommandLine tree) {
    var lines = new ArrayList<String>();
    lines.add("complete -c holdfast -f");
    fish(tree, List.of(), lines);
    return String.join("\n", lines) + "\n";
  }

  private static void fish(CommandLine command, List<String> path, List<String> lines) {
    List<String> below = List.copyOf(command.getSubcommands().keySet());
    String at =
        path.isEmpty()
            ? "__fish_use_subcommand"
            : String.join(
                "; and ", path.stream().map(p -> "__fish_seen_subcommand_from " + p).toList());
    String here =
        path.isEmpty() || below.isEmpty()
            ? at
            : at + "; and not __fish_seen_subcommand_from " + String.join(" ", below);
    command
        .getSubcommands()
        .forEach((name, sub) -> {
          lines.add(
              "complete -c holdfast -n '"
                  + here
                  + "' -a "
                  + name
                  + " -d "
                  + about(sub.getCommandSpec()));
          var longer = new ArrayList<>(path);
          longer.add(name);
          fish(sub, longer, lines);
        });
    for (OptionSpec option : command.getCommandSpec().options()) {
      var line = new StringBuilder("complete -c holdfast -n '" + here + "'");
      for (String name : option.names()) {
        line.append(
            name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
      }
      if (option.arity().max() > 0) {
        line.append(" -r");
      }
      String[] description = option.description();
      line.append(" -d ").append(quoted(description.length == 0 ? "" : description[0]));
      lines.add(line.toString());
    }
  }

  private static String about(CommandSpec spec) {
    String[] description = spec.usageMessage().description();
    return quoted(description.length == 0 ? "" : description[0]);
  }

  /** In fish's single quotes. */
  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}

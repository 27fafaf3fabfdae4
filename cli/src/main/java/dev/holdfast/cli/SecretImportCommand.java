package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast secret import}. */
@CommandLine.Command(
    name = "import",
    description = {
      "Sets all values of a .env file, or none of them if one cannot be a secret.",
      "What is too short or too common to be masked is refused by name: leave it out with --except"
          + " and write it into the workflow's env:, where it is no secret."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast secret import .env --repository app --environment staging",
      "  holdfast secret import .env --repository app --except LOG_LEVEL,PORT"
    })
final class SecretImportCommand extends SecretCommand.Scoped {
  @Parameters(paramLabel = "FILE", description = "The .env file; - for standard input.")
  Path file = Path.of("-");

  @Option(
      names = "--except",
      paramLabel = "NAME",
      split = ",",
      description = "Values that are no secrets.")
  List<String> except = List.of();

  SecretImportCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    boolean input = file.toString().equals("-");
    byte[] text =
        input ? SecretValues.standardInput() : SecretValues.ofFile(terminal.resolve(file));
    Map<String, byte[]> values = Map.of();
    try {
      values = EnvFile.read(input ? "standard input" : file.toString(), text);
      values.keySet().removeAll(except);
      if (values.isEmpty()) {
        throw new Refusal(ExitCode.USAGE, file + " has no values");
      }
      return set(api().post(scoped("/api/v1/secrets"), SecretValues.body(values)));
    } finally {
      Arrays.fill(text, (byte) 0);
      values.values().forEach(value -> Arrays.fill(value, (byte) 0));
    }
  }
}

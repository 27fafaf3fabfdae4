package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.json.Json;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast secret set}. */
@CommandLine.Command(
    name = "set",
    description = {
      "Sets a secret: a new version, which jobs are given from then on.",
      "The value is asked for on the terminal, without an echo; or read from standard input (a line"
          + " end at its very end is no part of it), a file or a variable. Never from an argument:"
          + " everybody on the host can read those, and the shell's history keeps them.",
      "With --use no job is given it: a step that names it has an address, and the agent adds the"
          + " secret to the requests that come there and are what it is for."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast secret set NPM_TOKEN --repository app",
      "  pass show npm | holdfast secret set NPM_TOKEN --repository app",
      "  holdfast secret set DEPLOY_KEY --repository app --environment production --from-file id",
      "  holdfast secret set API --repository app --use https://api.example.com/v1/"
          + " --as 'Authorization: Bearer {}'",
      "  holdfast secret set DB --repository app --from-vault main --path team/app --field password"
    })
final class SecretSetCommand extends SecretCommand.Scoped {
  @Parameters(index = "0", paramLabel = "NAME", description = "As NPM_TOKEN.")
  String name = "";

  // Taken, so that no error about it repeats it.
  @Parameters(index = "1..*", hidden = true)
  List<String> more = List.of();

  @Option(
      names = "--from-file",
      paramLabel = "FILE",
      description = "The value is what this file holds, to the last byte; - for standard input.")
  @Nullable Path file;

  @Option(
      names = "--from-variable",
      paramLabel = "NAME",
      description = "The value is what this variable of the environment holds.")
  @Nullable String variable;

  @Option(
      names = "--from-vault",
      paramLabel = "VAULT",
      description =
          "The value stands in this HashiCorp Vault, by its name in the file that the server was"
              + " given by --keys, and is read there each time. Needs manage-secrets for the"
              + " installation.")
  @Nullable String vault;

  @Option(
      names = "--mount",
      paramLabel = "PATH",
      description = "Of the vault's key-value engine, version 2; else ${DEFAULT-VALUE}.")
  String mount = "secret";

  @Option(names = "--path", paramLabel = "PATH", description = "Of the secret in the vault.")
  @Nullable String path;

  @Option(names = "--field", paramLabel = "NAME", description = "Which of its fields.")
  @Nullable String field;

  @Option(
      names = "--use",
      paramLabel = "URL",
      description =
          "No job is given the secret; it is for requests to https://HOST[:PORT]/PATH, and all below"
              + " that if it ends with '/'.")
  @Nullable String use;

  @Option(
      names = "--as",
      paramLabel = "HEADER",
      description =
          "The header that carries it, as 'Authorization: Bearer {}': {} stands for the value, or"
              + " {USER:} for both as basic authentication has them.")
  @Nullable String as;

  @Option(
      names = "--method",
      split = ",",
      paramLabel = "METHOD",
      description = "That requests may have; else GET and HEAD.")
  List<String> methods = List.of();

  @Option(
      names = "--pass",
      split = ",",
      paramLabel = "NAME",
      description =
          "A header of the job's own that goes along, beside those that say what a body is and what"
              + " is wanted.")
  List<String> passes = List.of();

  SecretSetCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    if (!more.isEmpty()) {
      throw new Refusal(
          ExitCode.USAGE,
          "a value is no argument, since others on this host read arguments; leave it out, and"
              + " change the secret where it came from if that was one");
    }
    if (Stream.of(file, variable, vault).filter(java.util.Objects::nonNull).count() > 1) {
      throw new Refusal(
          ExitCode.USAGE, "give one of --from-file, --from-variable and --from-vault");
    }
    if ((use == null) != (as == null)) {
      throw new Refusal(ExitCode.USAGE, "--use and --as go together");
    }
    if (use == null && !(methods.isEmpty() && passes.isEmpty())) {
      throw new Refusal(ExitCode.USAGE, "--method and --pass are about requests; give --use");
    }
    if (vault != null) {
      if (use != null) {
        throw new Refusal(
            ExitCode.USAGE, "a secret for use has its value here; give one of --use, --from-vault");
      }
      return refer(vault);
    }
    byte[] value = value();
    if (use != null && as != null) {
      return setForUse(use, as, value);
    }
    try {
      return set(api().post(scoped("/api/v1/secrets"), SecretValues.body(Map.of(name, value))));
    } finally {
      Arrays.fill(value, (byte) 0);
    }
  }

  private ExitCode setForUse(String url, String header, byte[] value) {
    try {
      return set(
          api()
              .put(
                  scoped(path(name) + "/use"),
                  new JsonFields()
                      .text("value", Base64.getEncoder().encodeToString(value))
                      .text("url", url)
                      .text("as", header)
                      .put("methods", texts(methods))
                      .put("passes", texts(passes))
                      .json()));
    } finally {
      Arrays.fill(value, (byte) 0);
    }
  }

  private static Json texts(List<String> all) {
    return new Json.Arr(all.stream().<Json>map(Json.Str::new).toList());
  }

  private byte[] value() {
    if (variable != null) {
      return SecretValues.ofVariable(terminal, variable);
    }
    if (file != null && !file.toString().equals("-")) {
      return SecretValues.ofFile(terminal.resolve(file));
    }
    return SecretValues.entered("Value of " + name + ": ", file != null);
  }

  private ExitCode refer(String name) {
    if (path == null || field == null) {
      throw new Refusal(ExitCode.USAGE, "--from-vault needs --path and --field");
    }
    Fields answer =
        api()
            .put(
                scoped(path(this.name) + "/reference"),
                new JsonFields()
                    .text("vault", name)
                    .text("mount", mount)
                    .text("path", path)
                    .text("field", field)
                    .json());
    return set(answer);
  }
}

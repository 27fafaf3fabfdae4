package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.cli.terminal.Times;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast secret}. */
@CommandLine.Command(
    name = "secret",
    description = {
      "What jobs are given and nobody else: kept sealed, every version of it. Values go in and never"
          + " come out again.",
      "A secret belongs to a repository, to an organisation, or to an environment of one of them;"
          + " the narrower one wins. See docs/secrets.md."
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast secret set NPM_TOKEN --repository app --from-file token",
      "  holdfast secret import .env --repository app --environment production",
      "  holdfast secret seen-by NPM_TOKEN --repository app"
    })
final class SecretCommand extends Command {
  SecretCommand(Terminal terminal) {
    super(terminal);
  }

  static CommandLine with(Terminal terminal) {
    return new CommandLine(new SecretCommand(terminal))
        .addSubcommand(new SecretSetCommand(terminal))
        .addSubcommand(new SecretImportCommand(terminal))
        .addSubcommand(new Listing(terminal))
        .addSubcommand(new Versions(terminal))
        .addSubcommand(new Rollback(terminal))
        .addSubcommand(new Remove(terminal))
        .addSubcommand(new Purge(terminal))
        .addSubcommand(new SeenBy(terminal))
        .addSubcommand(new SecretKeysCommand(terminal))
        .addSubcommand(new SecretRotateMasterCommand(terminal));
  }

  @Override
  ExitCode run() {
    throw new Refusal(
        ExitCode.USAGE,
        "say what to do: holdfast secret set, import, list, versions, rollback, remove, purge,"
            + " seen-by, keys or rotate-master");
  }

  /** A command about the secrets of one place. */
  abstract static class Scoped extends ClientCommand {
    @Option(
        names = "--repository",
        paramLabel = "NAME",
        description = "The secrets of this repository.")
    @Nullable String repository;

    @Option(
        names = "--organisation",
        paramLabel = "NAME",
        description = "Those of all repositories that were added with this organisation.")
    @Nullable String organisation;

    @Option(
        names = "--environment",
        paramLabel = "NAME",
        description = "Those of this environment of it: a name, or the pattern that defines it.")
    @Nullable String environment;

    Scoped(Terminal terminal) {
      super(terminal);
    }

    final String scoped(String path) {
      return scoped(path, Map.of());
    }

    final String scoped(String path, Map<String, Optional<String>> more) {
      if ((repository == null) == (organisation == null)) {
        throw new Refusal(ExitCode.USAGE, "give one of --repository and --organisation");
      }
      var query = new LinkedHashMap<String, Optional<String>>(more);
      query.put("repository", Optional.ofNullable(repository));
      query.put("organisation", Optional.ofNullable(organisation));
      query.put("environment", Optional.ofNullable(environment));
      return path + Api.query(query);
    }

    /** The path of one secret. */
    static String path(String name) {
      return "/api/v1/secrets/" + Api.escape(name);
    }

    /** Says which versions there are now. */
    final ExitCode set(Fields answer) {
      if (json) {
        terminal.json(answer.json());
      } else if (answer.at("versions").json()
          instanceof dev.holdfast.model.json.Json.Obj(var all)) {
        all.forEach((name, version) ->
            terminal
                .out()
                .println("Set " + Plain.of(name) + " version " + new Fields(version).text()));
      }
      return ExitCode.OK;
    }
  }

  /** {@code holdfast secret list}. */
  @CommandLine.Command(
      name = "list",
      description =
          "Lists secrets by name, with who set the newest version when. With --json: one a line.",
      footer = {"", "Examples:", "  holdfast secret list --repository app"})
  static final class Listing extends Scoped {
    Listing(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      table(this, api().get(scoped("/api/v1/secrets")).list("secrets"));
      return ExitCode.OK;
    }
  }

  /** {@code holdfast secret versions}. */
  @CommandLine.Command(
      name = "versions",
      description = "Lists all versions of a secret, the newest first. With --json: one a line.",
      footer = {"", "Examples:", "  holdfast secret versions NPM_TOKEN --repository app"})
  static final class Versions extends Scoped {
    @Parameters(paramLabel = "NAME", description = "Of the secret.")
    String name = "";

    Versions(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      table(this, api().get(scoped(path(name))).list("versions"));
      return ExitCode.OK;
    }
  }

  private static void table(Scoped command, List<Fields> versions) {
    Terminal terminal = command.terminal;
    if (command.json) {
      versions.forEach(one -> terminal.json(one.json()));
      return;
    }
    Instant now = terminal.clock().instant();
    var table = new Table(terminal.style(), "NAME", "VERSION", "FROM", "SET BY", "SET", "STATE");
    for (Fields one : versions) {
      table
          .cell(one.text("name"))
          .cell(one.text("version"))
          .cell(one.text("source"))
          .cell(one.text("by"))
          .cell(one.time("at").map(at -> Times.ago(at, now)).orElse(""))
          .cell(state(one))
          .end();
    }
    table.lines().forEach(terminal.out()::println);
  }

  private static String state(Fields one) {
    if (one.has("purged-at")) {
      return "purged";
    }
    if (one.has("removed")) {
      return "removed";
    }
    return one.is("newest") ? "given" : "kept";
  }

  /** {@code holdfast secret rollback}. */
  @CommandLine.Command(
      name = "rollback",
      description = "Makes a new version of what an older one holds.",
      footer = {"", "Examples:", "  holdfast secret rollback NPM_TOKEN 3 --repository app"})
  static final class Rollback extends Scoped {
    @Parameters(index = "0", paramLabel = "NAME", description = "Of the secret.")
    String name = "";

    @Parameters(index = "1", paramLabel = "VERSION", description = "As `versions` shows it.")
    long version;

    Rollback(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      return set(
          api()
              .post(scoped(path(name) + "/rollback"), new JsonFields().number("version", version)));
    }
  }

  /** {@code holdfast secret remove}. */
  @CommandLine.Command(
      name = "remove",
      description =
          "Has a secret given to nobody any more. What its versions hold stays until it is purged.",
      footer = {"", "Examples:", "  holdfast secret remove NPM_TOKEN --repository app"})
  static final class Remove extends Scoped {
    @Parameters(paramLabel = "NAME", description = "Of the secret.")
    String name = "";

    Remove(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      api().delete(scoped(path(name)));
      return UserCommand.said(
          this,
          new Fields(new JsonFields().text("removed", name).json()),
          "Removed " + Plain.of(name));
    }
  }

  /** {@code holdfast secret purge}. */
  @CommandLine.Command(
      name = "purge",
      description = {
        "Destroys what versions hold, for good: of a removed secret all, else all but the newest.",
        "Who set them when, and who was given them, stays on record. Backups still have them."
      },
      footer = {"", "Examples:", "  holdfast secret purge NPM_TOKEN --repository app --version 3"})
  static final class Purge extends Scoped {
    @Parameters(paramLabel = "NAME", description = "Of the secret.")
    String name = "";

    @Option(names = "--version", paramLabel = "VERSION", description = "This one alone.")
    @Nullable Long version;

    Purge(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Fields answer =
          api()
              .post(
                  scoped(
                      path(name) + "/purge",
                      Map.of("version", Optional.ofNullable(version).map(v -> Long.toString(v)))),
                  new JsonFields());
      List<String> purged = answer.list("purged").stream().map(Fields::text).toList();
      return UserCommand.said(
          this,
          answer,
          purged.isEmpty()
              ? "Nothing to purge"
              : "Purged " + Plain.of(name) + " version " + String.join(", ", purged));
    }
  }

  /** {@code holdfast secret seen-by}. */
  @CommandLine.Command(
      name = "seen-by",
      description = {
        "Lists each run, job and step that was given a secret, the newest first. With --json: one a"
            + " line.",
        "STEPS are the positions, from 0, of the steps that it was handed to; where there are none,"
            + " the agent had it and no step did."
      },
      footer = {
        "",
        "Examples:",
        "  holdfast secret seen-by NPM_TOKEN --repository app",
        "  holdfast secret seen-by DEPLOY_KEY --repository app --environment production --version 4"
      })
  static final class SeenBy extends Scoped {
    @Parameters(paramLabel = "NAME", description = "Of the secret.")
    String name = "";

    @Option(names = "--version", paramLabel = "VERSION", description = "This one alone.")
    @Nullable Long version;

    @Option(
        names = "--limit",
        paramLabel = "COUNT",
        description = "How many of the newest; else ${DEFAULT-VALUE}, at most 10000.")
    int limit = 1000;

    SeenBy(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      List<Fields> seen =
          api()
              .get(
                  scoped(
                      path(name) + "/seen-by",
                      Map.of(
                          "version",
                          Optional.ofNullable(version).map(v -> Long.toString(v)),
                          "limit",
                          Optional.of(Integer.toString(limit)))))
              .list("seen");
      if (json) {
        seen.forEach(one -> terminal.json(one.json()));
        return ExitCode.OK;
      }
      Instant now = terminal.clock().instant();
      var table =
          new Table(
              terminal.style(),
              "RUN",
              "WORKFLOW",
              "COMMIT",
              "JOB",
              "STEPS",
              "VERSION",
              "AGENT",
              "ATTEMPT",
              "GIVEN");
      for (Fields one : seen) {
        table
            .cell(one.text("repository") + "#" + one.text("number"))
            .cell(one.text("workflow"))
            .cell(Plain.of(one.text("commit"), 12))
            .cell(one.text("job"))
            .cell(one.list("steps").stream().map(Fields::text).collect(Collectors.joining(",")))
            .cell(one.text("version"))
            .cell(one.text("agent"))
            .cell(one.text("attempt"))
            .cell(one.time("given").map(at -> Times.ago(at, now)).orElse(""))
            .end();
      }
      table.lines().forEach(terminal.out()::println);
      return ExitCode.OK;
    }
  }
}

package dev.holdfast.cli;

import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast environment}. */
@CommandLine.Command(
    name = "environment",
    description = {
      "What jobs deploy to: variables, and who may deploy there, from where and when.",
      "It is kept by the server, never in the repository whose jobs run there."
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast environment set production production.json --repository app",
      "  holdfast environment lock production --repository app --why 'the database moves'",
      "  holdfast environment history production --repository app"
    })
final class EnvironmentCommand extends Command {
  EnvironmentCommand(Terminal terminal) {
    super(terminal);
  }

  static CommandLine with(Terminal terminal) {
    return new CommandLine(new EnvironmentCommand(terminal))
        .addSubcommand(new Listing(terminal))
        .addSubcommand(new Show(terminal))
        .addSubcommand(new Set(terminal))
        .addSubcommand(new Remove(terminal))
        .addSubcommand(new Lock(terminal))
        .addSubcommand(new Unlock(terminal))
        .addSubcommand(new History(terminal));
  }

  @Override
  ExitCode run() {
    throw new Refusal(
        ExitCode.USAGE,
        "say what to do: holdfast environment list, show, set, remove, lock, unlock or history");
  }

  /** {@code holdfast environment list}. */
  @CommandLine.Command(
      name = "list",
      description = {
        "Lists environments; of a repository also those of its organisation.",
        "With --json: one a line."
      },
      footer = {"", "Examples:", "  holdfast environment list --repository app"})
  static final class Listing extends EnvironmentScoped {
    Listing(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      List<Fields> all = api().get(scoped("/api/v1/environments", Map.of())).list("environments");
      if (json) {
        all.forEach(one -> terminal.json(one.json()));
      } else if (all.isEmpty()) {
        terminal.err().println("No environments. Make one: holdfast environment set NAME FILE");
      } else {
        var table = new Table(terminal.style(), "NAME", "OF", "RULES");
        for (Fields one : all) {
          table
              .cell(Plain.of(one.text("name")))
              .cell(one.has("organisation") ? Plain.of(one.text("organisation")) : "")
              .cell(
                  String.join(
                      "; ", rules(one).stream().map(line -> line.replaceAll(" +", " ")).toList()))
              .end();
        }
        table.lines().forEach(terminal.out()::println);
      }
      return ExitCode.OK;
    }
  }

  /** {@code holdfast environment show}. */
  @CommandLine.Command(
      name = "show",
      description = "Shows all that applies to a name, who is there and who waits for it.",
      footer = {"", "Examples:", "  holdfast environment show review/feature-1 --repository app"})
  static final class Show extends EnvironmentScoped {
    @Parameters(paramLabel = "NAME", description = NAME)
    String name = "";

    Show(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      return answer(api().get(one(name)));
    }
  }

  /** {@code holdfast environment set}. */
  @CommandLine.Command(
      name = "set",
      description = {
        "Makes an environment, or sets its rules anew, from a JSON file; {} asks for nothing.",
        "Fields: variables, branches, tags, triggers, trust, approval, timer, concurrency. All that"
            + " is wrong is said at once, and then nothing is set."
      },
      footer = {
        "",
        "Examples:",
        "  holdfast environment set production production.json --repository app"
      })
  static final class Set extends EnvironmentScoped {
    @Parameters(index = "0", paramLabel = "NAME", description = NAME)
    String name = "";

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "FILE",
        description = "The rules; - or none for standard input.")
    Path file = Path.of("-");

    Set(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      return answer(api().put(one(name), read(file)));
    }
  }

  /** {@code holdfast environment remove}. */
  @CommandLine.Command(
      name = "remove",
      description =
          "Takes an environment away: jobs that ask for it are refused. Its history stays.",
      footer = {"", "Examples:", "  holdfast environment remove staging --repository app"})
  static final class Remove extends EnvironmentScoped {
    @Parameters(paramLabel = "NAME", description = NAME)
    String name = "";

    Remove(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      api().delete(one(name));
      if (!json) {
        terminal.out().println("Removed " + Plain.of(name));
      }
      return ExitCode.OK;
    }
  }

  /** {@code holdfast environment lock}. */
  @CommandLine.Command(
      name = "lock",
      description = {
        "Lets nothing new start there; what is there goes on, and what comes waits.",
        "Setting the rules anew leaves it locked."
      },
      footer = {
        "",
        "Examples:",
        "  holdfast environment lock production --repository app --why 'the database moves'"
      })
  static final class Lock extends EnvironmentScoped {
    @Parameters(paramLabel = "NAME", description = NAME)
    String name = "";

    @Option(
        names = "--why",
        paramLabel = "TEXT",
        required = true,
        description = "Told to whoever waits.")
    String why = "";

    Lock(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      return answer(api().put(lock(name), new JsonFields().text("why", why).json()));
    }
  }

  /** {@code holdfast environment unlock}. */
  @CommandLine.Command(
      name = "unlock",
      description = "Lets jobs in again, in the order in which they came.",
      footer = {"", "Examples:", "  holdfast environment unlock production --repository app"})
  static final class Unlock extends EnvironmentScoped {
    @Parameters(paramLabel = "NAME", description = NAME)
    String name = "";

    Unlock(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      api().delete(lock(name));
      if (!json) {
        terminal.out().println("Unlocked " + Plain.of(name));
      }
      return ExitCode.OK;
    }
  }

  /** {@code holdfast environment history}. */
  @CommandLine.Command(
      name = "history",
      description = "Lists who was there, newest first. With --json: one a line.",
      footer = {"", "Examples:", "  holdfast environment history production --repository app"})
  static final class History extends EnvironmentScoped {
    @Parameters(paramLabel = "NAME", description = "As production or review/feature-1.")
    String name = "";

    @Option(
        names = "--limit",
        paramLabel = "COUNT",
        description = "How many; else ${DEFAULT-VALUE}, at most 1000.")
    int limit = 20;

    History(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      List<Fields> all =
          api()
              .get(
                  scoped(
                      "/api/v1/deployments",
                      Map.of(
                          "name",
                          Optional.of(name),
                          "limit",
                          Optional.of(Integer.toString(limit)))))
              .list("deployments");
      if (json) {
        all.forEach(one -> terminal.json(one.json()));
      } else if (all.isEmpty()) {
        terminal.err().println("Nothing was deployed there.");
      } else {
        var table = new Table(terminal.style(), "RUN", "STATE", "COMMIT", "BY", "ASKED", "BEGAN");
        for (Fields one : all) {
          Fields by = one.at("by");
          table
              .cell(Plain.of(one.text("what")))
              .cell(Plain.of(one.text("state")))
              .cell(Plain.of(one.text("commit"), 12))
              .cell(by.has("name") ? Plain.of(by.text("name"), 40) : "")
              .cell(Plain.of(one.text("asked")))
              .cell(one.has("began") ? Plain.of(one.text("began")) : "")
              .end();
        }
        table.lines().forEach(terminal.out()::println);
      }
      return ExitCode.OK;
    }
  }
}

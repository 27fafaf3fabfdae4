package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast user}. */
@CommandLine.Command(
    name = "user",
    description = "Who uses this installation, and what they may do.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast user add ann",
      "  holdfast user grant ann developer",
      "  holdfast token make ann-laptop --user ann --scope view,start-runs",
      "  holdfast user list"
    })
final class UserCommand extends Command {
  private static final String USERS = "/api/v1/users";

  UserCommand(Terminal terminal) {
    super(terminal);
  }

  static CommandLine with(Terminal terminal) {
    return new CommandLine(new UserCommand(terminal))
        .addSubcommand(new Add(terminal))
        .addSubcommand(new Listing(terminal))
        .addSubcommand(new Disable(terminal))
        .addSubcommand(new Enable(terminal))
        .addSubcommand(new Grant(terminal))
        .addSubcommand(new Revoke(terminal))
        .addSubcommand(new LinkCommand(terminal))
        .addSubcommand(new Unlink(terminal));
  }

  @Override
  ExitCode run() {
    throw new Refusal(
        ExitCode.USAGE,
        "say what to do: holdfast user add, list, disable, enable, grant, revoke, link or unlink");
  }

  /** What was granted, in one line. */
  static String grants(Fields holder, String name) {
    return holder.list("grants").stream()
        .map(grant ->
            grant.text("what")
                + (grant.has("repository") ? " in " + grant.text("repository") : "")
                + (grant.text("to").equals(name) ? "" : " by " + grant.text("to")))
        .collect(Collectors.joining(", "));
  }

  /** {@code holdfast user add}. */
  @CommandLine.Command(
      name = "add",
      description = "Adds a user, who may do nothing until something is granted.",
      footer = {"", "Examples:", "  holdfast user add ann"})
  static final class Add extends ClientCommand {
    @Parameters(paramLabel = "NAME", description = "Of the user; not a team's.")
    String name = "";

    Add(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Fields added = api().post(USERS, new JsonFields().text("name", name));
      if (json) {
        terminal.json(added.json());
      } else {
        terminal.out().println("Added " + Plain.of(name));
        terminal
            .err()
            .println(
                "They may do nothing yet: holdfast user grant " + Plain.of(name) + " developer");
      }
      return ExitCode.OK;
    }
  }

  /** {@code holdfast user list}. */
  @CommandLine.Command(
      name = "list",
      description = "Lists users with what they may do. With --json: one a line.",
      footer = {"", "Examples:", "  holdfast user list"})
  static final class Listing extends ClientCommand {
    Listing(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      List<Fields> users = api().get(USERS).list("users");
      if (json) {
        users.forEach(user -> terminal.json(user.json()));
        return ExitCode.OK;
      }
      var table = new Table(terminal.style(), "NAME", "STATE", "MAY", "ACCOUNTS");
      for (Fields user : users) {
        table
            .cell(user.text("name"))
            .cell(user.has("disabled") ? "disabled" : "enabled")
            .cell(grants(user, user.text("name")))
            .cell(
                user.list("identities").stream()
                    .map(i -> i.text("name") + " at " + i.text("forge"))
                    .collect(Collectors.joining(", ")))
            .end();
      }
      table.lines().forEach(terminal.out()::println);
      return ExitCode.OK;
    }
  }

  /** {@code holdfast user disable}. */
  @CommandLine.Command(
      name = "disable",
      description =
          "From now on nothing of theirs counts: no token, no approval, no account at a forge.",
      footer = {"", "Examples:", "  holdfast user disable ann"})
  static final class Disable extends ClientCommand {
    @Parameters(paramLabel = "NAME", description = "As `holdfast user list` shows it.")
    String name = "";

    Disable(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Fields user = api().post(USERS + "/" + Api.escape(name) + "/disable", new JsonFields());
      return said(this, user, "Disabled " + Plain.of(name));
    }
  }

  /** {@code holdfast user enable}. */
  @CommandLine.Command(
      name = "enable",
      description = "Undoes disable: their tokens are good again where they are not over.",
      footer = {"", "Examples:", "  holdfast user enable ann"})
  static final class Enable extends ClientCommand {
    @Parameters(paramLabel = "NAME", description = "As `holdfast user list` shows it.")
    String name = "";

    Enable(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Fields user = api().post(USERS + "/" + Api.escape(name) + "/enable", new JsonFields());
      return said(this, user, "Enabled " + Plain.of(name));
    }
  }

  /** {@code holdfast user grant}. */
  @CommandLine.Command(
      name = "grant",
      description = {
        "Grants a role or a single permission to a user or a team.",
        "Roles: owner, admin, approver, developer, viewer, auditor. Permissions: view, develop,"
            + " start-runs, change-workflows, approve, manage-policy, manage-environments, manage-repositories,"
            + " manage-users, read-audit, manage-agents, manage-tokens, manage-owners."
      },
      footer = {
        "",
        "Examples:",
        "  holdfast user grant ann developer",
        "  holdfast user grant reviewers approver --repository app",
        "  holdfast user grant ann change-workflows --repository app"
      })
  static final class Grant extends ClientCommand {
    @Parameters(paramLabel = "NAME", description = "Of a user or a team.")
    String name = "";

    @Parameters(paramLabel = "WHAT", description = "A role or a permission.")
    String what = "";

    @Option(
        names = "--repository",
        paramLabel = "NAME",
        description = "Only there; else for the whole installation.")
    @Nullable String repository;

    Grant(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Fields granted = api().post("/api/v1/grants", asked(name, what, repository));
      return said(this, granted, "Granted " + line(name, what, repository, " to "));
    }
  }

  /** {@code holdfast user revoke}. */
  @CommandLine.Command(
      name = "revoke",
      description = "Takes back what `holdfast user grant` gave.",
      footer = {"", "Examples:", "  holdfast user revoke ann developer --repository app"})
  static final class Revoke extends ClientCommand {
    @Parameters(paramLabel = "NAME", description = "Of a user or a team.")
    String name = "";

    @Parameters(paramLabel = "WHAT", description = "A role or a permission.")
    String what = "";

    @Option(
        names = "--repository",
        paramLabel = "NAME",
        description = "Where it was granted; else for the whole installation.")
    @Nullable String repository;

    Revoke(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Fields revoked = api().post("/api/v1/grants/revoke", asked(name, what, repository));
      return said(this, revoked, "Took " + line(name, what, repository, " from "));
    }
  }

  /** {@code holdfast user unlink}. */
  @CommandLine.Command(
      name = "unlink",
      description =
          "Ends that an account at a forge is a user's. Nobody ends their own: that could hide whose"
              + " a change is.",
      footer = {"", "Examples:", "  holdfast user unlink idn_01k3…"})
  static final class Unlink extends ClientCommand {
    @Parameters(paramLabel = "ID", description = "As `holdfast user list --json` shows it.")
    String id = "";

    Unlink(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      api().delete("/api/v1/identities/" + Api.escape(id));
      return said(
          this,
          new Fields(new JsonFields().text("removed", id).json()),
          "Unlinked " + Plain.of(id));
    }
  }

  private static JsonFields asked(String name, String what, @Nullable String repository) {
    var asked = new JsonFields().text("to", name).text("what", what);
    if (repository != null) {
      asked.text("repository", repository);
    }
    return asked;
  }

  private static String line(String name, String what, @Nullable String repository, String way) {
    return Plain.of(what)
        + way
        + Plain.of(name)
        + (repository == null ? "" : " in " + Plain.of(repository));
  }

  /** Says what was done, for people or for scripts. */
  static ExitCode said(ClientCommand command, Fields answer, String line) {
    if (command.json) {
      command.terminal.json(answer.json());
    } else {
      command.terminal.out().println(line);
    }
    return ExitCode.OK;
  }
}

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
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code holdfast team}. */
@CommandLine.Command(
    name = "team",
    description = "Users to whom something is granted together, by `holdfast user grant TEAM …`.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  holdfast team add reviewers",
      "  holdfast team join reviewers ann",
      "  holdfast user grant reviewers approver"
    })
final class TeamCommand extends Command {
  private static final String TEAMS = "/api/v1/teams";

  TeamCommand(Terminal terminal) {
    super(terminal);
  }

  static CommandLine with(Terminal terminal) {
    return new CommandLine(new TeamCommand(terminal))
        .addSubcommand(new Add(terminal))
        .addSubcommand(new Listing(terminal))
        .addSubcommand(new Remove(terminal))
        .addSubcommand(new Join(terminal))
        .addSubcommand(new Leave(terminal));
  }

  @Override
  ExitCode run() {
    throw new Refusal(
        ExitCode.USAGE, "say what to do: holdfast team add, list, remove, join or leave");
  }

  /** {@code holdfast team add}. */
  @CommandLine.Command(
      name = "add",
      description = "Adds a team without members.",
      footer = {"", "Examples:", "  holdfast team add reviewers"})
  static final class Add extends ClientCommand {
    @Parameters(paramLabel = "NAME", description = "Of the team; not a user's.")
    String name = "";

    Add(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Fields added = api().post(TEAMS, new JsonFields().text("name", name));
      return UserCommand.said(this, added, "Added the team " + Plain.of(name));
    }
  }

  /** {@code holdfast team list}. */
  @CommandLine.Command(
      name = "list",
      description = "Lists teams with their members. With --json: one a line.",
      footer = {"", "Examples:", "  holdfast team list"})
  static final class Listing extends ClientCommand {
    Listing(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      List<Fields> teams = api().get(TEAMS).list("teams");
      if (json) {
        teams.forEach(team -> terminal.json(team.json()));
      } else if (teams.isEmpty()) {
        terminal.err().println("No teams. Add one: holdfast team add NAME");
      } else {
        var table = new Table(terminal.style(), "NAME", "MEMBERS", "MAY");
        for (Fields team : teams) {
          table
              .cell(team.text("name"))
              .cell(
                  team.list("members").stream().map(Fields::text).collect(Collectors.joining(", ")))
              .cell(UserCommand.grants(team, team.text("name")))
              .end();
        }
        table.lines().forEach(terminal.out()::println);
      }
      return ExitCode.OK;
    }
  }

  /** {@code holdfast team remove}. */
  @CommandLine.Command(
      name = "remove",
      description = "Removes a team, and with it what was granted to it.",
      footer = {"", "Examples:", "  holdfast team remove reviewers"})
  static final class Remove extends ClientCommand {
    @Parameters(paramLabel = "NAME", description = "As `holdfast team list` shows it.")
    String name = "";

    Remove(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      api().delete(TEAMS + "/" + Api.escape(name));
      return UserCommand.said(
          this,
          new Fields(new JsonFields().text("removed", name).json()),
          "Removed the team " + Plain.of(name));
    }
  }

  private static String member(String team, String user) {
    return TEAMS + "/" + Api.escape(team) + "/members/" + Api.escape(user);
  }

  /** {@code holdfast team join}. */
  @CommandLine.Command(
      name = "join",
      description = "Makes a user a member, which gives them what the team has.",
      footer = {"", "Examples:", "  holdfast team join reviewers ann"})
  static final class Join extends ClientCommand {
    @Parameters(paramLabel = "TEAM", description = "As `holdfast team list` shows it.")
    String team = "";

    @Parameters(paramLabel = "USER", description = "As `holdfast user list` shows it.")
    String user = "";

    Join(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Fields shown = api().put(member(team, user));
      return UserCommand.said(this, shown, Plain.of(user) + " is in the team " + Plain.of(team));
    }
  }

  /** {@code holdfast team leave}. */
  @CommandLine.Command(
      name = "leave",
      description = "Ends a membership.",
      footer = {"", "Examples:", "  holdfast team leave reviewers ann"})
  static final class Leave extends ClientCommand {
    @Parameters(paramLabel = "TEAM", description = "As `holdfast team list` shows it.")
    String team = "";

    @Parameters(paramLabel = "USER", description = "As `holdfast user list` shows it.")
    String user = "";

    Leave(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      api().delete(member(team, user));
      return UserCommand.said(
          this,
          new Fields(new JsonFields().text("team", team).text("left", user).json()),
          Plain.of(user) + " left the team " + Plain.of(team));
    }
  }
}

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
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast relay source}. */
@CommandLine.Command(
    name = "source",
    description =
        "Where forges post at the relay for this server: an address for each repository and app,"
            + " and from where.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Examples:", "  holdfast relay source list"})
final class RelaySourceCommand extends Command {
  private static final String SOURCES = "/api/v1/relay/sources";

  RelaySourceCommand(Terminal terminal) {
    super(terminal);
  }

  static CommandLine with(Terminal terminal) {
    return new CommandLine(new RelaySourceCommand(terminal))
        .addSubcommand(new Listing(terminal))
        .addSubcommand(new Address(terminal))
        .addSubcommand(new From(terminal));
  }

  @Override
  ExitCode run() {
    throw new Refusal(
        ExitCode.USAGE, "say what to do: holdfast relay source list, address or from");
  }

  /** {@code holdfast relay source list}. */
  @CommandLine.Command(
      name = "list",
      description = "Lists sources at the relay, and from where they are posted to.",
      footer = {"", "Examples:", "  holdfast relay source list"})
  static final class Listing extends ClientCommand {
    Listing(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Fields all = api().get(SOURCES);
      if (json) {
        terminal.json(all.json());
        return ExitCode.OK;
      }
      var table = new Table(terminal.style(), "ID", "OF", "FROM", "RELAY");
      for (Fields one : all.list("sources")) {
        table
            .cell(Plain.of(one.text("id")))
            .cell(of(one))
            .cell(Plain.of(from(one.list("ranges").stream().map(Fields::text).toList())))
            .cell(one.is("known") ? "knows" : "is told again every minute")
            .end();
      }
      table.lines().forEach(terminal.out()::println);
      return ExitCode.OK;
    }

    private static String of(Fields one) {
      if (one.has("app")) {
        return "the app " + Plain.of(one.text("app"));
      }
      return one.has("repository") ? Plain.of(one.text("repository")) : "removed";
    }
  }

  private static String from(List<String> ranges) {
    return ranges.isEmpty() ? "anywhere" : String.join(" ", ranges);
  }

  /** {@code holdfast relay source address}. */
  @CommandLine.Command(
      name = "address",
      description =
          "Gives a source another address at the relay, and prints it, this once. The one before"
              + " is taken for a while yet, so that no delivery is lost while you change it at the"
              + " forge. The webhook's secret stays.",
      footer = {
        "",
        "Examples:",
        "  holdfast relay source address rsrc_01k3…",
        "  holdfast relay source address rsrc_01k3… --overlap 0     somebody floods the old one"
      })
  static final class Address extends ClientCommand {
    @Parameters(paramLabel = "ID", description = "As holdfast relay source list shows it.")
    String source = "";

    @Option(
        names = "--overlap",
        paramLabel = "SECONDS",
        defaultValue = "3600",
        description =
            "How long the relay still takes what is posted to the old one; at most a week. Default:"
                + " ${DEFAULT-VALUE}.")
    long overlap;

    Address(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Fields made =
          api()
              .post(
                  SOURCES + "/" + Api.escape(source) + "/address",
                  RelayCredentialCommand.overlap(overlap));
      if (json) {
        terminal.json(made.json());
        return ExitCode.OK;
      }
      terminal.out().println("Address  " + Plain.of(made.text("relay")));
      if (made.has("relay-problem")) {
        terminal
            .err()
            .println(
                "The relay does not know that address yet, and is told again every minute: "
                    + Plain.of(made.text("relay-problem"), 500));
      }
      return ExitCode.OK;
    }
  }

  /** {@code holdfast relay source from}. */
  @CommandLine.Command(
      name = "from",
      description =
          "Has the relay take for a source only what comes from these addresses; without any, from"
              + " anywhere. The relay comes to know them.",
      footer = {
        "",
        "Examples:",
        "  holdfast relay source from rsrc_01k3… 192.30.252.0/22 2a0a:a440::/29",
        "  holdfast relay source from rsrc_01k3…                    from anywhere again"
      })
  static final class From extends ClientCommand {
    @Parameters(
        index = "0",
        paramLabel = "ID",
        description = "As holdfast relay source list shows it.")
    String source = "";

    @Parameters(
        index = "1..*",
        arity = "0..*",
        paramLabel = "RANGE",
        description = "Addresses, as 192.0.2.0/24 or 2001:db8::/32; 200 at most.")
    List<String> ranges = List.of();

    From(Terminal terminal) {
      super(terminal);
    }

    @Override
    ExitCode run() {
      Fields said =
          api()
              .put(
                  SOURCES + "/" + Api.escape(source) + "/ranges",
                  new JsonFields().texts("ranges", ranges).json());
      if (json) {
        terminal.json(said.json());
      } else if (said.has("problem")) {
        terminal
            .err()
            .println(
                "The relay does not hold to that yet, and is told again every minute: "
                    + Plain.of(said.text("problem"), 500));
      } else {
        terminal.out().println(Plain.of(source) + " takes posts from " + from(ranges));
      }
      return ExitCode.OK;
    }
  }
}

package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Table;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.cli.terminal.Times;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast events}. */
@CommandLine.Command(
    name = "events",
    description = {
      "Lists what happened at a repository, newest first: which runs each event made, and why the"
          + " other workflows did not start. With --json: one event a line."
    },
    footer = {"", "Examples:", "  holdfast events app", "  holdfast events app --limit 1 --json"})
final class EventsCommand extends ClientCommand {
  @Parameters(paramLabel = "REPOSITORY", description = "As `holdfast repo list` shows it.")
  String repository = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "At most N events; ${DEFAULT-VALUE} where not given.")
  int limit;

  EventsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() {
    List<Fields> events = list(api(), repository, limit);
    if (json) {
      events.forEach(e -> terminal.json(e.json()));
    } else if (events.isEmpty()) {
      terminal.err().println("No events. Push to the repository.");
    } else {
      Instant now = terminal.clock().instant();
      var table = new Table(terminal.style(), "WHEN", "EVENT", "REF", "COMMIT", "STATE", "RESULT");
      events.forEach(event -> row(table, event, now));
      table.lines().forEach(terminal.out()::println);
    }
    return ExitCode.OK;
  }

  static List<Fields> list(Api api, String repository, int limit) {
    var query = new LinkedHashMap<String, Optional<String>>();
    query.put("limit", Optional.of(Integer.toString(limit)));
    return api.get("/api/v1/repositories/" + Api.escape(repository) + "/events" + Api.query(query))
        .list("events");
  }

  private static void row(Table table, Fields event, Instant now) {
    Fields happening = event.at("event").at("happening");
    String commit = happening.text("commit");
    String workflows =
        event.list("workflows").stream()
            .map(w ->
                w.has("run")
                    ? w.text("workflow") + " → " + w.text("run")
                    : w.text("workflow") + ": " + w.text("reason"))
            .collect(Collectors.joining("; "));
    String result =
        List.of(workflows, event.text("note"), event.text("error")).stream()
            .filter(s -> !s.isEmpty())
            .collect(Collectors.joining("; "));
    table
        .cell(event.time("received").map(at -> Times.ago(at, now)).orElse(""))
        .cell(happening.text("type"))
        .cell(Plain.of(happening.text("ref"), 40))
        .cell(commit.substring(0, Math.min(7, commit.length())))
        .state(event.text("state"))
        .cell(Plain.of(result, 300))
        .end();
  }
}

package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Progress;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code holdfast start}. */
@CommandLine.Command(
    name = "start",
    description = {
      "Starts a workflow that has a manual trigger, and prints the run it became.",
      "Inputs reach the steps as data, in HOLDFAST_INPUT_NAME."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast start release --repository app --ref main --input version=1.4.0",
      "  holdfast logs -f $(holdfast start nightly --repository app --json | jq -r .run)"
    })
final class StartCommand extends ClientCommand {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(100);

  @Parameters(paramLabel = "WORKFLOW", description = "Its name.")
  String workflow = "";

  @Option(
      names = "--repository",
      paramLabel = "NAME",
      required = true,
      description = "As `holdfast repo list` shows it.")
  String repository = "";

  @Option(
      names = "--ref",
      paramLabel = "BRANCH",
      description = "Branch or tag to run at; else the repository's default branch.")
  @Nullable String ref;

  @Option(
      names = "--input",
      paramLabel = "NAME=VALUE",
      description = "An input of the workflow; repeat for more.")
  Map<String, String> inputs = new LinkedHashMap<>();

  StartCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() throws InterruptedException {
    Api api = api();
    var body = new JsonFields();
    body.text("workflow", workflow);
    if (ref != null) {
      body.text("ref", ref);
    }
    var values = new JsonFields();
    inputs.forEach(values::text);
    body.put("inputs", values.json());
    String delivery =
        api.post("/api/v1/repositories/" + Api.escape(repository) + "/events", body)
            .text("delivery");
    Fields event;
    try (var _ = Progress.of(terminal, "waiting for the server to plan the run")) {
      event = decided(api, delivery);
    }
    Fields outcome =
        event.list("workflows").stream()
            .filter(w -> w.text("workflow").equals(workflow))
            .findFirst()
            .orElse(new Fields(Json.NULL));
    if (!outcome.has("run")) {
      throw notStarted(event, outcome);
    }
    String run = outcome.text("run");
    if (json) {
      var fields = new JsonFields();
      fields.text("run", run);
      fields.text("delivery", delivery);
      terminal.json(fields.json());
    } else {
      terminal.out().println("Started " + Plain.of(run));
      terminal.err().println("Follow it: holdfast logs -f " + Plain.of(run));
    }
    return ExitCode.OK;
  }

  /** The event, once the server has worked on it. */
  private Fields decided(Api api, String delivery) throws InterruptedException {
    Instant end = terminal.clock().instant().plus(PATIENCE);
    while (terminal.clock().instant().isBefore(end)) {
      Optional<Fields> found =
          EventsCommand.list(api, repository, 50).stream()
              .filter(e -> e.text("delivery").equals(delivery))
              .filter(e -> !e.text("state").equals("received"))
              .findFirst();
      if (found.isPresent()) {
        return found.get();
      }
      Thread.sleep(PAUSE);
    }
    throw new Refusal(
        ExitCode.UNREACHABLE,
        "the server has the request but did not work on it within "
            + PATIENCE.toSeconds()
            + " s; see: holdfast events "
            + repository);
  }

  private Refusal notStarted(Fields event, Fields outcome) {
    String why =
        Stream.of(outcome.text("reason"), event.text("error"), event.text("note"))
            .filter(text -> !text.isEmpty())
            .findFirst()
            .orElse("the repository has no workflow of this name");
    return new Refusal(
        ExitCode.FAILED,
        "the workflow " + Plain.of(workflow) + " did not start: " + Plain.of(why, 500));
  }
}

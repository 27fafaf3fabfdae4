package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Style;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.cli.terminal.Times;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A hold, as the server tells it: the one place that knows those fields' names.
 *
 * @param fields all that the server said
 */
record HoldView(Fields fields) {
  /** How people name what waits on the command line. */
  static final String NAMING =
      "A hold's id (hold_…), or the run that waits: its id, REPOSITORY#NUMBER or `last`; /JOB"
          + " after it means what one of its jobs waits for, as in app#7/deploy, and /STEP after"
          + " that a step of it, by its number or name.";

  /** Those that wait. */
  static List<HoldView> open(Api api, Optional<String> repository) {
    return all(api, Map.of("repository", repository));
  }

  /** The ones that {@code named} means; of a run, those that still wait, if any does. */
  static List<HoldView> find(Api api, String named) {
    if (named.startsWith("hold_")) {
      return List.of(new HoldView(api.get("/api/v1/holds/" + Api.escape(named))));
    }
    List<String> parts = List.of(named.split("/", 3));
    List<HoldView> ofRun =
        all(api, Map.of("run", Optional.of(RunView.id(api, parts.getFirst())))).stream()
            .filter(hold -> parts.size() < 2 || hold.job().equals(Optional.of(parts.get(1))))
            .filter(hold -> parts.size() < 3 || hold.isOfStep(parts.get(2)))
            .toList();
    if (ofRun.isEmpty()) {
      throw new Refusal(ExitCode.NOT_FOUND, "nothing of the run " + named + " was ever held");
    }
    List<HoldView> held = ofRun.stream().filter(hold -> hold.state().equals("held")).toList();
    return held.isEmpty() ? ofRun : held;
  }

  /**
   * The one that {@code named} means, for who decides: of a run the run's own before its jobs', so
   * that nobody lets a job go with it that waits for another reason; likewise of a job and its
   * steps.
   */
  static HoldView one(Api api, String named) {
    List<HoldView> found = find(api, named);
    return found.stream()
        .filter(hold ->
            found.size() == 1
                || (named.contains("/") ? !hold.fields.has("step") : hold.job().isEmpty()))
        .findFirst()
        .orElseThrow(() ->
            new Refusal(
                ExitCode.USAGE,
                "more than one thing waits there; name one of "
                    + found.stream().map(HoldView::title).collect(Collectors.joining(", "))));
  }

  private static List<HoldView> all(Api api, Map<String, Optional<String>> query) {
    return api.get("/api/v1/holds" + Api.query(query)).list("holds").stream()
        .map(HoldView::new)
        .toList();
  }

  String id() {
    return fields.text("id");
  }

  String state() {
    return fields.text("state");
  }

  /** The whole hash of what runs if it is released. */
  String head() {
    return fields.text("head");
  }

  /** The job that waits, where not all of the run does. */
  Optional<String> job() {
    return fields.has("job") ? Optional.of(fields.text("job")) : Optional.empty();
  }

  /**
   * As {@code app#7}, or {@code app#7/deploy} where only a job waits, or {@code app#7/deploy/3}.
   */
  String title() {
    String run = fields.text("repository") + "#" + fields.text("number");
    String of = job().map(job -> run + "/" + job).orElse(run);
    return fields.has("step") ? of + "/" + fields.at("step").text("number") : of;
  }

  private boolean isOfStep(String named) {
    Fields step = fields.at("step");
    return fields.has("step")
        && (step.text("number").equals(named) || step.text("name").equals(named));
  }

  /** Whom the event is attributed to: the name for people, the id for certain. */
  String contributor() {
    Fields by = fields.at("contributor");
    return by.has("id") ? by.text("name") + " (" + by.text("id") + ")" : "nobody the forge names";
  }

  String what() {
    return fields.has("pull-request")
        ? "pull request " + fields.text("pull-request")
        : fields.text("ref");
  }

  List<String> reasons() {
    return fields.list("reasons").stream().map(reason -> reason.text("text")).toList();
  }

  /** The environments that whoever releases it grants. */
  List<String> environments() {
    return fields.list("environments").stream().map(Fields::text).toList();
  }

  List<String> missing() {
    return fields.list("missing").stream().map(Fields::text).toList();
  }

  Optional<Instant> expires() {
    return fields.time("expires");
  }

  /** All that one has to know before one says yes or no. */
  void print(Terminal terminal) {
    Style style = terminal.style();
    Instant now = terminal.clock().instant();
    PrintStream out = terminal.out();
    out.println(style.bold(Plain.of(title())) + "  " + style.state(Plain.of(state())));
    out.println(
        Plain.of(fields.text("workflow"))
            + " for "
            + Plain.of(what())
            + " by "
            + Plain.of(contributor())
            + fields.time("created").map(at -> ", " + Times.ago(at, now)).orElse(""));
    out.println("files of        " + Plain.of(head()));
    out.println("definitions of  " + Plain.of(fields.text("base")));
    out.println(style.dim(Plain.of(id())));
    RunView.message(fields.at("message"))
        .forEach(line -> out.println(("says    " + Plain.of(line)).stripTrailing()));
    reasons().forEach(reason -> out.println(style.weak("why") + "     " + Plain.of(reason)));
    environments().forEach(name -> out.println("grants  environment " + Plain.of(name)));
    for (Fields given : fields.list("approvals")) {
      out.println(style.good("by") + "      " + Plain.of(given.text("by")));
    }
    missing().forEach(wanted -> out.println("needs   " + Plain.of(wanted)));
    if (fields.has("why")) {
      out.println("ended   " + Plain.of(fields.text("why")));
    }
    if (state().equals("held")) {
      out.println("expires " + Plain.of(fields.text("expires")));
    }
  }
}

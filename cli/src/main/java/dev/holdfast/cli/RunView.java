package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.model.json.Quote;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A run, as the server tells it: the one place that knows those fields' names.
 *
 * @param fields all that the server said
 */
record RunView(Fields fields) {
  private static final Pattern NUMBERED = Pattern.compile("(?:([A-Za-z0-9._-]+))?#([0-9]{1,9})");

  /** How people name a run on the command line. */
  static final String NAMING =
      "Its id (run_…), REPOSITORY#NUMBER as `holdfast runs` shows it, or `last`.";

  /** The run that {@code named} means, with its jobs. */
  static RunView find(Api api, String named) {
    return load(api, id(api, named));
  }

  static RunView load(Api api, String id) {
    return new RunView(api.get("/api/v1/runs/" + Api.escape(id)));
  }

  /** The id of the run that {@code named} means. */
  static String id(Api api, String named) {
    Matcher numbered = NUMBERED.matcher(named);
    if (named.equals("last")) {
      return newest(api).orElseThrow(() -> new Refusal(ExitCode.NOT_FOUND, "there is no run yet"));
    }
    if (numbered.matches()) {
      return byNumber(api, Optional.ofNullable(numbered.group(1)), numbered.group(2))
          .orElseThrow(() ->
              new Refusal(
                  ExitCode.NOT_FOUND,
                  "there is no run " + named + "; `holdfast runs` lists those there are"));
    }
    if (!named.matches("[A-Za-z0-9_-]{1,100}")) {
      throw new Refusal(
          ExitCode.USAGE, Quote.of(named) + " does not name a run; write its id, REPO#7 or last");
    }
    return named;
  }

  private static Optional<String> newest(Api api) {
    return page(api, Map.of("limit", Optional.of("1"))).stream().findFirst().map(RunView::id);
  }

  private static Optional<String> byNumber(Api api, Optional<String> repository, String number) {
    Optional<String> before = Optional.empty();
    while (true) {
      var query = new LinkedHashMap<String, Optional<String>>();
      query.put("repository", repository);
      query.put("limit", Optional.of("200"));
      query.put("before", before);
      List<RunView> page = page(api, query);
      for (RunView run : page) {
        if (run.fields.text("number").equals(number)) {
          return Optional.of(run.id());
        }
      }
      Optional<String> last = page.isEmpty() ? Optional.empty() : Optional.of(page.getLast().id());
      if (last.isEmpty() || last.equals(before)) {
        return Optional.empty();
      }
      before = last;
    }
  }

  /** One page of the list of runs. */
  static List<RunView> page(Api api, Map<String, Optional<String>> query) {
    return api.get("/api/v1/runs" + Api.query(query)).list("runs").stream()
        .map(RunView::new)
        .toList();
  }

  String id() {
    return fields.text("id");
  }

  /** As {@code app#7}. */
  String title() {
    return fields.text("repository") + "#" + fields.text("number");
  }

  String state() {
    return fields.text("state");
  }

  String workflow() {
    return fields.text("workflow");
  }

  String event() {
    return fields.at("event").text("kind");
  }

  String ref() {
    return fields.at("event").text("ref");
  }

  /** The whole hash. */
  String commit() {
    return fields.at("event").text("commit");
  }

  String shortCommit() {
    String commit = commit();
    return commit.substring(0, Math.min(7, commit.length()));
  }

  /** The lines of what the commit's author wrote of it; empty where that is not known. */
  List<String> message() {
    return message(fields.at("event").at("message"));
  }

  /** The lines of a commit's message, as the server answers one. */
  static List<String> message(Fields message) {
    return Stream.concat(
            Stream.of(message.text("subject")).filter(subject -> !subject.isEmpty()),
            message.text("body").lines())
        .toList();
  }

  /** One line or more: why it is as it is, say that its definition cannot be read; often empty. */
  String reason() {
    return fields.text("reason");
  }

  /** Of everybody who had a hand in it; empty where there was nothing to decide. */
  String trust() {
    return fields.text("trust");
  }

  /** Why it runs or waits, one line each. */
  List<String> decided() {
    return fields.list("why").stream().map(Fields::text).toList();
  }

  /** The commit whose definitions run; empty if it is its own. */
  String definitions() {
    return fields.text("definitions");
  }

  Optional<Instant> created() {
    return fields.time("created");
  }

  /** How long it took, or takes so far. */
  Optional<Duration> took(Instant now) {
    return took(fields, now);
  }

  boolean over() {
    return switch (state()) {
      case "queued", "running" -> false;
      default -> true;
    };
  }

  /** What a command that waits for it ends with. */
  ExitCode result() {
    return state().equals("succeeded") ? ExitCode.OK : ExitCode.FAILED;
  }

  List<JobView> jobs() {
    return fields.list("jobs").stream().map(JobView::new).toList();
  }

  private static Optional<Duration> took(Fields fields, Instant now) {
    return fields
        .time("started")
        .map(from -> Duration.between(from, fields.time("finished").orElse(now)));
  }

  /** A job of a run. */
  record JobView(Fields fields) {
    String key() {
      return fields.text("key");
    }

    String state() {
      return fields.text("state");
    }

    /** One line: why it is so, say that no agent has its labels; empty where there is nothing. */
    String reason() {
      return fields.text("reason");
    }

    List<AttemptView> attempts() {
      return fields.list("attempts").stream().map(AttemptView::new).toList();
    }

    Optional<AttemptView> lastAttempt() {
      List<AttemptView> all = attempts();
      return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }
  }

  /** A try at a job. */
  record AttemptView(Fields fields) {
    String id() {
      return fields.text("id");
    }

    long number() {
      return fields.number("number", 1);
    }

    String agent() {
      return fields.text("agent");
    }

    String state() {
      return fields.text("state");
    }

    /** One line: why it ended as it did; empty where there is nothing to say. */
    String reason() {
      return fields.text("reason");
    }

    /** The very image that it ran in, by its digest; empty if it had none. */
    String image() {
      return fields.text("image");
    }

    boolean over() {
      return switch (state()) {
        case "leased", "running" -> false;
        default -> true;
      };
    }

    Optional<Duration> took(Instant now) {
      return RunView.took(fields, now);
    }

    List<StepView> steps() {
      return fields.list("steps").stream().map(StepView::new).toList();
    }
  }

  /** A step of an attempt. */
  record StepView(Fields fields) {
    String name() {
      return fields.text("name");
    }

    String state() {
      return fields.text("state");
    }

    Optional<Duration> took(Instant now) {
      return RunView.took(fields, now);
    }
  }
}

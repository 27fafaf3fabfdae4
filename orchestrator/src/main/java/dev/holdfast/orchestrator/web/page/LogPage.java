package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.log.LogLines;
import dev.holdfast.orchestrator.log.LogStore;
import dev.holdfast.orchestrator.run.Attempt;
import dev.holdfast.orchestrator.run.Attempts;
import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Router;
import dev.holdfast.orchestrator.web.RunView;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** An attempt's log, in windows of lines, however long it is. */
final class LogPage {
  /** Lines of a page that a browser opens, and of a piece that its script asks for. */
  static final int WINDOW = 500;

  private static final int MOST_HITS = 100;
  private static final long SEARCH_BUDGET = 256L * 1024 * 1024;

  /** How far into a failed step the first error is looked for. */
  private static final int MOST_TO_ERROR = 20_000;

  /** Somebody who is so far behind is not shown all that they missed. */
  private static final int MOST_BEHIND = 2000;

  private static final int CONTEXT = 8;
  private static final Pattern ERROR =
      Pattern.compile(
          "\\b(error|fatal|failed|failure|exception|panic|traceback|assertion|segfault|not ok)\\b",
          Pattern.CASE_INSENSITIVE);
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss", java.util.Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Database database;
  private final Attempts attempts;
  private final LogStore logs;
  private final LogLines lines;
  private final RunView view;
  private final Live live;

  LogPage(Database database, Attempts attempts, LogStore logs, RunView view, Live live) {
    this.database = database;
    this.attempts = attempts;
    this.logs = logs;
    this.lines = new LogLines(logs);
    this.view = view;
    this.live = live;
  }

  /**
   * A line as it is shown.
   *
   * @param left how many bytes of it are not
   */
  record Shown(long number, String time, List<Ansi.Piece> pieces, long left) {}

  /**
   * Lines of one step, or of none before the first.
   *
   * @param begins whether the first of its lines is the first of the step
   * @param until the line after its last one; 0 while it grows
   */
  record Part(Optional<Step> step, boolean begins, long until, List<Shown> lines) {}

  /**
   * @param first its first line; 0 where it has no place in the log
   */
  record Step(RunView.ShownStep shown, long first) {
    int index() {
      return shown.index();
    }
  }

  /**
   * Some lines.
   *
   * @param from the first; {@code next} the one after the last
   * @param total how many there are now
   */
  record Window(List<Part> parts, long from, long next, long total, boolean over) {}

  record Hit(long number, String text) {}

  /**
   * Where something was found.
   *
   * @param next the line to go on with, if not all was looked through
   */
  record Hits(String text, List<Hit> hits, OptionalLong next) {}

  /**
   * @param line the one to show; empty for the beginning, or the end while it grows
   */
  record View(
      RunView.Full run,
      String job,
      RunView.ShownAttempt attempt,
      List<Step> steps,
      Window window,
      OptionalLong line,
      OptionalLong error,
      Optional<Hits> hits,
      boolean over) {
    String path() {
      return "/attempts/" + attempt.id();
    }
  }

  void on(Router router) {
    router.repository(Permission.VIEW, HandlerType.GET, "/attempts/{attempt}", this::show);
    router.repository(Permission.VIEW, HandlerType.GET, "/attempts/{attempt}/lines", this::piece);
    router.repository(Permission.VIEW, HandlerType.GET, "/attempts/{attempt}/search", this::search);
    router.repository(Permission.VIEW, HandlerType.GET, "/attempts/{attempt}/plain", this::plain);
    router.repository(Permission.VIEW, HandlerType.GET, "/attempts/{attempt}/raw", this::raw);
    router.repository(Permission.VIEW, HandlerType.GET, "/live/attempts/{attempt}", this::follow);
  }

  /** What is known of an attempt. */
  private record Known(RunView.Full run, String job, RunView.ShownAttempt attempt, boolean over) {}

  private Known known(String id) {
    return database.read(s -> {
      Attempt attempt = attempts.find(s, id);
      RunView.Full run = view.full(s, attempt.run());
      for (RunView.ShownJob job : run.jobs()) {
        for (RunView.ShownAttempt each : job.attempts()) {
          if (each.id().equals(id)) {
            return new Known(run, job.key(), each, attempt.state().over());
          }
        }
      }
      throw new IllegalStateException("the run " + run.id() + " has no attempt " + id);
    });
  }

  /** The same without its run, which is all that a follower needs, however large that is. */
  private record Tried(RunView.ShownAttempt attempt, boolean over) {
    /** What of it the page shows beside the lines. */
    String course() {
      return attempt.state()
          + attempt.steps().stream()
              .map(RunView.ShownStep::state)
              .collect(java.util.stream.Collectors.joining(","));
    }
  }

  private Tried tried(String id) {
    return database.read(s -> {
      Attempt attempt = attempts.find(s, id);
      return new Tried(
          view.attempt(s, attempt, attempts.planned(s, attempt)), attempt.state().over());
    });
  }

  private void show(Context ctx) throws IOException {
    String id = ctx.pathParam("attempt");
    Known known = known(id);
    List<Step> steps = steps(id, known.attempt());
    long total = lines.count(id);
    OptionalLong error = firstError(id, steps, total);
    OptionalLong asked =
        Http.query(ctx, "line").isPresent()
            ? OptionalLong.of(Http.number(ctx, "line", 1, Long.MAX_VALUE, 1))
            : Http.flag(ctx, "start") || Http.flag(ctx, "end") ? OptionalLong.empty() : error;
    boolean atEnd =
        Http.flag(ctx, "end") || (asked.isEmpty() && !known.over() && !Http.flag(ctx, "start"));
    long from =
        asked.isPresent()
            ? Math.max(1, Math.min(asked.getAsLong(), Math.max(1, total)) - CONTEXT)
            : atEnd ? Math.max(1, total - WINDOW + 1) : 1;
    Optional<Hits> hits =
        Http.query(ctx, "q").isPresent()
            ? Optional.of(
                hits(
                    id,
                    Http.query(ctx, "q").get(),
                    Http.number(ctx, "after", 1, Long.MAX_VALUE, 1)))
            : Optional.empty();
    var shown =
        new View(
            known.run(),
            known.job(),
            known.attempt(),
            steps,
            window(id, steps, from, total, known.over()),
            asked,
            error,
            hits,
            known.over());
    Html.answer(
        ctx,
        (out, none) ->
            JtelogGenerated.render(
                out,
                none,
                Shell.of(
                    ctx,
                    "Log of "
                        + Visible.line(
                            known.job()
                                + " · "
                                + known.run().workflow()
                                + " #"
                                + known.run().number()
                                + " · "
                                + known.run().repository(),
                            Visible.LINE)),
                shown));
  }

  /** A window for the page's script. */
  private void piece(Context ctx) throws IOException {
    String id = ctx.pathParam("attempt");
    Tried known = tried(id);
    List<Step> steps = steps(id, known.attempt());
    long total = lines.count(id);
    long from = Http.number(ctx, "from", 1, Long.MAX_VALUE, 1);
    Window window = window(id, steps, Math.min(from, Math.max(1, total)), total, known.over());
    Html.answer(ctx, (out, none) -> JtewindowGenerated.render(out, none, window, id));
  }

  private void search(Context ctx) throws IOException {
    String id = ctx.pathParam("attempt");
    Hits hits =
        hits(id, Http.query(ctx, "q").orElse(""), Http.number(ctx, "after", 1, Long.MAX_VALUE, 1));
    Html.answer(ctx, (out, none) -> JtehitsGenerated.render(out, none, hits, "/attempts/" + id));
  }

  private Hits hits(String id, String text, long from) throws IOException {
    if (text.length() > 200) {
      throw new Problem(400, "what to search for is longer than 200 characters");
    }
    LogLines.Found found = lines.search(id, text, from, Long.MAX_VALUE, MOST_HITS, SEARCH_BUDGET);
    return new Hits(
        text,
        found.lines().stream()
            .map(line -> new Hit(line.number(), around(Ansi.plain(line.bytes()), text)))
            .toList(),
        found.next());
  }

  /** As much of a line as shows what was found in it. */
  private static String around(String line, String text) {
    int at =
        line.toLowerCase(java.util.Locale.ROOT).indexOf(text.toLowerCase(java.util.Locale.ROOT));
    return Visible.line(at > 60 ? "\u2026" + line.substring(at - 40) : line, 160);
  }

  private List<Step> steps(String id, RunView.ShownAttempt attempt) throws IOException {
    var steps = new ArrayList<Step>();
    for (RunView.ShownStep step : attempt.steps()) {
      steps.add(
          new Step(
              step, step.offset().isPresent() ? lines.at(id, step.offset().get().value()) : 0));
    }
    return steps;
  }

  private OptionalLong firstError(String id, List<Step> steps, long total) throws IOException {
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      boolean failed =
          step.shown().state().equals("failed") || step.shown().state().equals("timed-out");
      if (failed && step.first() > 0) {
        return OptionalLong.of(firstError(id, step.first(), end(steps, i, total)));
      }
    }
    return OptionalLong.empty();
  }

  /** The first line that speaks of an error; else the last of its step, where tools give up. */
  private long firstError(String id, long first, long until) throws IOException {
    long stop = Math.min(until, first + MOST_TO_ERROR);
    for (long from = first; from < stop; ) {
      List<LogLines.Line> some = lines.read(id, from, WINDOW);
      if (some.isEmpty()) {
        break;
      }
      for (LogLines.Line line : some) {
        if (line.number() < stop && ERROR.matcher(Ansi.plain(line.bytes())).find()) {
          return line.number();
        }
      }
      from = some.getLast().number() + 1;
    }
    return Math.max(first, until - 1);
  }

  private static long end(List<Step> steps, int index, long total) {
    for (int i = index + 1; i < steps.size(); i++) {
      if (steps.get(i).first() > 0) {
        return steps.get(i).first();
      }
    }
    return total + 1;
  }

  private Window window(String id, List<Step> steps, long from, long total, boolean over)
      throws IOException {
    List<LogLines.Line> read = lines.read(id, from, WINDOW);
    long next = read.isEmpty() ? from : read.getLast().number() + 1;
    return new Window(parts(id, steps, read, total, over), from, next, total, over);
  }

  private List<Part> parts(
      String id, List<Step> steps, List<LogLines.Line> read, long total, boolean over)
      throws IOException {
    var ansi = new Ansi();
    var parts = new ArrayList<Part>();
    int at = -2;
    for (LogLines.Line line : read) {
      int step = stepOf(steps, line.number());
      if (step != at) {
        at = step;
        Optional<Step> of = step < 0 ? Optional.empty() : Optional.of(steps.get(step));
        boolean last = step < 0 || end(steps, step, total) > total;
        parts.add(
            new Part(
                of,
                of.isEmpty() || of.get().first() == line.number(),
                last && !over ? 0 : step < 0 ? firstOf(steps, total) : end(steps, step, total),
                new ArrayList<>()));
      }
      parts
          .getLast()
          .lines()
          .add(
              new Shown(
                  line.number(),
                  logs.time(id, line.offset()).map(CLOCK::format).orElse(""),
                  ansi.line(line.bytes()),
                  line.length() - line.bytes().length));
    }
    return parts;
  }

  private static long firstOf(List<Step> steps, long total) {
    return steps.stream().mapToLong(Step::first).filter(l -> l > 0).findFirst().orElse(total + 1);
  }

  private static int stepOf(List<Step> steps, long line) {
    int found = -1;
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).first() > 0 && steps.get(i).first() <= line) {
        found = i;
      }
    }
    return found;
  }

  /** Without looks, to be saved. */
  private void plain(Context ctx) throws IOException {
    String id = ctx.pathParam("attempt");
    OutputStream out = download(ctx, id + ".txt");
    for (long from = 1; ; ) {
      List<LogLines.Line> some = lines.read(id, from, WINDOW);
      if (some.isEmpty()) {
        return;
      }
      var text = new StringBuilder();
      for (LogLines.Line line : some) {
        text.append(Ansi.plain(line.bytes()));
        long left = line.length() - line.bytes().length;
        if (left > 0) {
          text.append("\u2026 and ").append(left).append(" bytes more, which the raw log has");
        }
        text.append('\n');
      }
      out.write(text.toString().getBytes(StandardCharsets.UTF_8));
      from = some.getLast().number() + 1;
    }
  }

  /** Every byte, to be saved. */
  private void raw(Context ctx) throws IOException {
    String id = ctx.pathParam("attempt");
    long end = logs.length(id);
    OutputStream out = download(ctx, id + ".log");
    long piece = 1024 * 1024;
    for (long at = 0; at < end; at += piece) {
      logs.read(id, at, Math.min(piece, end - at), out);
    }
  }

  private static OutputStream download(Context ctx, String name) throws IOException {
    Html.headers(ctx);
    ctx.status(200)
        .contentType("text/plain; charset=utf-8")
        .header("Content-Security-Policy", "sandbox; default-src 'none'")
        .header("Cache-Control", "no-store")
        .header("Content-Disposition", "attachment; filename=\"" + name + "\"");
    return ctx.res().getOutputStream();
  }

  /** Says what is appended: pieces of the page, from the line on that was not whole. */
  private void follow(Context ctx) throws IOException, InterruptedException {
    String id = ctx.pathParam("attempt");
    var at = new Position(Http.number(ctx, "from", 1, Long.MAX_VALUE, 1));
    live.stream(ctx, sink -> at.next(id, sink));
  }

  private final class Position {
    private long line;
    private long length = -1;
    private String course = "";

    Position(long line) {
      this.line = line;
    }

    boolean next(String id, Live.Sink sink) throws IOException, InterruptedException {
      long now = logs.length(id);
      if (now <= length) {
        boolean finished = logs.await(id, length, Live.LOOK);
        now = logs.length(id);
        if (now <= length) {
          Tried tried = tried(id);
          if (!course(tried, sink)) {
            sink.nothing();
          }
          // A log that a crash left open is over with its attempt.
          return finished || tried.over();
        }
      }
      Tried tried = tried(id);
      List<Step> steps = steps(id, tried.attempt());
      long total = lines.count(id);
      if (total - line > MOST_BEHIND) {
        sink.say("skipped", String.valueOf(total - WINDOW));
        line = total - WINDOW;
      }
      Window window = window(id, steps, line, total, tried.over());
      if (!window.parts().isEmpty()) {
        sink.say(
            "lines", Html.text((out, none) -> JtewindowGenerated.render(out, none, window, id)));
      }
      course(tried, sink);
      boolean caughtUp = window.next() > total;
      // The last one may not be whole yet: it is said again.
      line = caughtUp ? Math.max(1, window.next() - 1) : window.next();
      length = caughtUp ? now : length;
      return false;
    }

    /** Says that steps moved, where they did. */
    private boolean course(Tried tried, Live.Sink sink) {
      boolean moved = !tried.course().equals(course);
      if (moved && !course.isEmpty()) {
        sink.say("moved", "");
      }
      course = tried.course();
      return moved;
    }
  }
}

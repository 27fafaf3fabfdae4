package dev.holdfast.orchestrator.web.page;

import dev.holdfast.orchestrator.web.RunView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * When each job waited, started, and ran its steps, of one scale.
 *
 * @param ticks what stands below, at the same distances
 */
record Timeline(List<Row> rows, List<String> ticks) {
  /** Of the whole width. */
  static final int WIDTH = 1000;

  private static final int TICKS = 5;

  record Row(String job, String path, String state, String took, List<Bar> bars) {}

  /**
   * @param kind {@code waiting}, {@code starting}, or the state of a step
   * @param says what it is, for people
   */
  record Bar(String kind, int x, int width, String says) {}

  static Optional<Timeline> of(List<RunView.ShownJob> jobs, Instant now) {
    Optional<Instant> first =
        jobs.stream().flatMap(job -> job.queued().stream()).min(Instant::compareTo);
    if (first.isEmpty()) {
      return Optional.empty();
    }
    Instant from = first.get();
    Instant last =
        jobs.stream()
            .filter(job -> job.queued().isPresent())
            .map(job -> job.finished().orElse(now))
            .max(Instant::compareTo)
            .orElse(now);
    long whole = Math.max(1, Duration.between(from, last).toMillis());
    var scale = new Scale(from, whole);
    var rows = new ArrayList<Row>();
    for (RunView.ShownJob job : jobs) {
      if (job.queued().isPresent()) {
        rows.add(row(job, scale, now));
      }
    }
    var ticks = new ArrayList<String>();
    for (int i = 0; i < TICKS; i++) {
      ticks.add(i == 0 ? "0" : Times.span(Duration.ofMillis(whole * i / (TICKS - 1))));
    }
    return Optional.of(new Timeline(rows, ticks));
  }

  private record Scale(Instant from, long whole) {
    /** Clocks of agents may differ from ours: nothing stands outside. */
    int at(Instant time) {
      long millis = Math.clamp(Duration.between(from, time).toMillis(), 0, whole);
      return (int) (millis * WIDTH / whole);
    }

    Bar bar(String kind, Instant begin, Instant end, String what) {
      int x = at(begin);
      return new Bar(
          kind,
          x,
          Math.max(1, at(end) - x),
          what + ", " + Times.span(Duration.between(begin, end)));
    }
  }

  private static Row row(RunView.ShownJob job, Scale scale, Instant now) {
    var bars = new ArrayList<Bar>();
    Instant queued = job.queued().orElse(now);
    Instant end = job.finished().orElse(now);
    Optional<RunView.ShownAttempt> newest =
        job.attempts().isEmpty()
            ? Optional.empty()
            : Optional.of(job.attempts().getLast()).filter(a -> !a.leased().isBefore(queued));
    Instant leased = newest.map(RunView.ShownAttempt::leased).orElse(end);
    bars.add(scale.bar("waiting", queued, leased, "waited for an agent"));
    if (newest.isPresent()) {
      RunView.ShownAttempt attempt = newest.get();
      Instant over = attempt.finished().orElse(now);
      Instant begun = attempt.started().orElse(over);
      bars.add(scale.bar("starting", leased, begun, "started its sandbox"));
      for (RunView.ShownStep step : attempt.steps()) {
        if (step.started().isPresent()) {
          bars.add(
              scale.bar(
                  step.state(),
                  step.started().get(),
                  step.finished().orElse(over),
                  Visible.line(step.name(), Visible.LINE) + ": " + step.state()));
        }
      }
    }
    return new Row(
        job.key(),
        Jobs.anchor(job.key()),
        dev.holdfast.orchestrator.web.Http.word(job.state()),
        Times.span(Duration.between(queued, end)),
        bars);
  }
}

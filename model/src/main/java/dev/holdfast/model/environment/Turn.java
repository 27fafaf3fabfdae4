package dev.holdfast.model.environment;

import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.TimeLimit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether it is a job's turn in its environments, by the minute: wait timers, locks, and who is in
 * them. All of them or none: a job that waits for one holds none of the others.
 *
 * @param waits what for, in one line; empty if it goes
 * @param until when to ask again at the latest; empty if that cannot be told
 * @param queues whether it takes a place in the lines of its environments
 * @param makeWay the deployments that are ended for it
 */
public record Turn(
    Optional<String> waits, Optional<Instant> until, boolean queues, Set<String> makeWay) {
  public Turn {
    makeWay = Set.copyOf(makeWay);
  }

  /**
   * A deployment that came before.
   *
   * @param id of the deployment
   * @param run whose job it is of
   * @param what for people, as {@code app#6/deploy}
   * @param inside whether it is in the environment; else it waits for it
   */
  public record Ahead(String id, String run, String what, boolean inside) {}

  /**
   * One of the job's environments.
   *
   * @param all that applies to it
   * @param ahead who came before and is not over, in that order
   */
  public record Line(EnvironmentName name, List<Environment> all, List<Ahead> ahead) {}

  /**
   * Whether it is this job's turn.
   *
   * @param run the job's own
   * @param ready since when it could start, but for this
   */
  public static Turn of(String run, List<Line> lines, Instant ready, Instant now) {
    Duration wait =
        lines.stream()
            .flatMap(line -> line.all().stream())
            .flatMap(environment -> environment.rules().timer().stream())
            .map(TimeLimit::duration)
            .reduce(Duration.ZERO, (a, b) -> a.compareTo(b) >= 0 ? a : b);
    if (now.isBefore(ready.plus(wait))) {
      return new Turn(
          Optional.of("waits until " + ready.plus(wait) + ", as its environment asks for"),
          Optional.of(ready.plus(wait)),
          false,
          Set.of());
    }
    var reasons = new ArrayList<String>();
    var makeWay = new LinkedHashSet<String>();
    boolean locked =
        lines.stream().flatMap(line -> line.all().stream()).anyMatch(e -> e.lock().isPresent());
    for (Line line : lines) {
      for (Environment environment : line.all()) {
        environment
            .lock()
            .ifPresent(lock ->
                reasons.add(
                    "the environment "
                        + environment.name()
                        + " is locked by "
                        + lock.by()
                        + ": "
                        + lock.why()));
      }
      behind(run, line, locked, reasons, makeWay);
    }
    return new Turn(
        reasons.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", reasons)),
        Optional.empty(),
        true,
        makeWay);
  }

  private static void behind(
      String run, Line line, boolean locked, List<String> reasons, Set<String> makeWay) {
    Concurrency how =
        line.all().stream()
            .map(environment -> environment.rules().inForce())
            .max(Concurrency::compareTo)
            .orElse(Concurrency.QUEUE);
    if (how == Concurrency.TOGETHER) {
      return;
    }
    var before = new ArrayList<Ahead>();
    for (Ahead ahead : line.ahead()) {
      // Jobs of one run never end each other; and nothing stops for who is kept out by a lock.
      boolean ends =
          !ahead.run().equals(run)
              && switch (how) {
                case CANCEL -> !(ahead.inside() && locked);
                case NEWEST -> !ahead.inside();
                case QUEUE, TOGETHER -> false;
              };
      if (ends) {
        makeWay.add(ahead.id());
      }
      if (!ends || ahead.inside()) {
        before.add(ahead);
      }
    }
    if (!before.isEmpty()) {
      Ahead first = before.getFirst();
      reasons.add(
          first.what()
              + (first.inside() ? " is in" : " waits for")
              + " the environment "
              + line.name()
              + (before.size() > 1 ? ", and " + (before.size() - 1) + " more before it" : ""));
    }
  }
}

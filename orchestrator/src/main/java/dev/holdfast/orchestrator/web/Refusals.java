package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts on record who asked for what they may not do: once a minute for the same token and
 * permission, so that nobody fills the log by asking. Thread-safe.
 */
final class Refusals {
  private static final Duration ONCE_IN = Duration.ofMinutes(1);
  private static final int MOST_KEPT = 1000;

  private final Database database;
  private final Audit audit;
  private final InstantSource clock;
  private final Map<String, Instant> noted =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > MOST_KEPT;
        }
      };

  Refusals(Database database, Audit audit, InstantSource clock) {
    this.database = database;
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * Notes that {@code caller} asked for what needs a permission that they do not have.
   *
   * @param where as it reads behind the permission
   */
  void note(Caller caller, Permission needs, String where) {
    Instant now = clock.instant();
    synchronized (noted) {
      String what = caller.token() + " " + needs.word();
      Instant before = noted.get(what);
      if (before != null && now.isBefore(before.plus(ONCE_IN))) {
        return;
      }
      noted.put(what, now);
    }
    database.write(s -> {
      audit.record(
          s,
          new Audit.Entry(
              caller.user().id(),
              "call",
              caller.token(),
              caller.from(),
              Audit.Outcome.REFUSED,
              List.of("needs " + needs.word() + where)));
      return true;
    });
  }
}

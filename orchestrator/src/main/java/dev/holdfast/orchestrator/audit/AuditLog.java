package dev.holdfast.orchestrator.audit;

import dev.holdfast.model.audit.Kept;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** The audit log in the database: numbered without gaps, each entry hanging on the one before. */
public final class AuditLog implements Audit {
  private static final String END = "SELECT * FROM audit ORDER BY number DESC LIMIT 1";

  private final InstantSource clock;

  public AuditLog(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public void record(Session session, Entry said) throws SQLException {
    // One writer writes it all, so nothing comes between this look and the insert.
    Optional<Kept> last = newest(session);
    var entry =
        new dev.holdfast.model.audit.Entry(
            last.map(kept -> kept.entry().number() + 1).orElse(1L),
            clock.instant().truncatedTo(ChronoUnit.MILLIS),
            said.actor(),
            said.action(),
            said.subject(),
            said.from(),
            said.outcome().name(),
            said.reasons().stream().map(AuditLog::line).toList());
    session.update(
        "INSERT INTO audit (number, at, actor, action, subject, origin, outcome, reasons, hash)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        entry.number(),
        entry.at(),
        entry.actor(),
        entry.action(),
        entry.subject(),
        entry.from(),
        entry.outcome(),
        String.join("\n", entry.reasons()),
        entry.hash(last.map(Kept::hash).orElse(dev.holdfast.model.audit.Entry.NOTHING)));
  }

  private static String line(String reason) {
    return reason.replaceAll("\\R", " ");
  }

  /** The newest entry. */
  static Optional<Kept> newest(Session session) throws SQLException {
    return session.first(END, AuditLog::kept);
  }

  /** An entry as it stands in the database. */
  static Kept kept(Row row) throws SQLException {
    String reasons = row.text("reasons");
    return new Kept(
        new dev.holdfast.model.audit.Entry(
            number(row, "number"),
            Instant.ofEpochMilli(number(row, "at")),
            row.text("actor"),
            row.text("action"),
            row.text("subject"),
            row.maybeText("origin"),
            row.text("outcome"),
            reasons.isEmpty() ? List.of() : List.of(reasons.split("\n", -1))),
        row.text("hash"));
  }

  /** SQLite would read {@code 7x} as 7; what is no number is one that no entry has. */
  private static long number(Row row, String column) throws SQLException {
    long number = row.number(column);
    return row.text(column).equals(Long.toString(number)) ? number : -1;
  }

  /**
   * What is looked for.
   *
   * @param who the id of a user, an agent or {@code holdfast}
   * @param what an action, or the part of one before its dot
   * @param on the id of a hold, a repository, a run: of a run, also what was done to its holds
   * @param since no older ones
   * @param after the number before the first that is wanted
   */
  public record Asked(
      Optional<String> who,
      Optional<String> what,
      Optional<String> on,
      Optional<Instant> since,
      long after,
      int limit) {}

  /** Absent filters are turned off by their first half, so that the statement stays one. */
  private static final String ASKED =
      " AND (? = '' OR actor = ?) AND (? = '' OR action = ? OR substr(action, 1, ?) = ?) AND (? ="
          + " '' OR subject = ? OR subject IN (SELECT id FROM hold WHERE run_id = ?)) AND at >= ?";

  /** Entries, oldest first. */
  public static List<Kept> find(Session session, Asked asked) throws SQLException {
    return found(session, asked, "number > ?", asked.after(), "number");
  }

  /** Entries from the one before the number {@code before} on, newest first. */
  public static List<Kept> newest(Session session, Asked asked, long before) throws SQLException {
    return found(session, asked, "number < ?", before, "number DESC");
  }

  private static List<Kept> found(
      Session session, Asked asked, String from, long number, String order) throws SQLException {
    String who = asked.who().orElse("");
    String what = asked.what().orElse("");
    String on = asked.on().orElse("");
    return session.list(
        "SELECT * FROM audit WHERE " + from + ASKED + " ORDER BY " + order + " LIMIT ?",
        AuditLog::kept,
        number,
        who,
        who,
        what,
        what,
        what.length() + 1,
        what + ".",
        on,
        on,
        on,
        asked.since().orElse(Instant.EPOCH),
        asked.limit());
  }
}

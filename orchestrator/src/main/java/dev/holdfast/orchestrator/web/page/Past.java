package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.json.Records;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a repository saw of somebody before, by the forge's number of them and not by their name.
 *
 * @param requests pull requests other than the one in question
 * @param others pushes and tags
 * @param ran runs of theirs that began
 * @param rejected how often somebody said no
 * @param since when the first of it came
 * @param more whether there was more than was looked through
 */
record Past(
    int requests, int others, long ran, long rejected, Optional<Instant> since, boolean more) {
  /** Whoever did more is no newcomer, whatever stands before that. */
  private static final int MOST = 300;

  private record Earlier(Event event, Instant received) {}

  /** Before {@code event}, which is kept as {@code id}. */
  static Past of(Session session, String id, Event event, Contributor who) throws SQLException {
    String key = who.forge() + " " + who.id();
    List<Earlier> earlier =
        session.list(
            "SELECT body, received_at FROM event WHERE repository_id = ? AND contributor = ? AND id"
                + " < ? ORDER BY id DESC LIMIT ?",
            row ->
                new Earlier(Records.read(Event.class, row.text("body")), row.time("received_at")),
            event.repository(),
            key,
            id,
            MOST + 1);
    Set<Long> requests = new HashSet<>();
    Set<String> others = new HashSet<>();
    Optional<Instant> since = Optional.empty();
    for (Earlier one : earlier) {
      if (same(one.event().happening(), event.happening())) {
        continue;
      }
      since = Optional.of(one.received());
      switch (one.event().happening()) {
        case Happening.PullRequest request -> requests.add(request.number());
        case Happening.Push _, Happening.Tag _, Happening.Manual _, Happening.Schedule _ ->
            others.add(what(one.event().happening()));
      }
    }
    return new Past(
        requests.size(),
        others.size(),
        count(
            session,
            "SELECT count(*) AS n FROM event JOIN run ON run.event_id = event.id WHERE"
                + " event.repository_id = ? AND event.contributor = ? AND event.id < ? AND"
                + " run.started_at IS NOT NULL",
            event.repository(),
            key,
            id),
        count(
            session,
            "SELECT count(*) AS n FROM event JOIN run ON run.event_id = event.id JOIN hold ON"
                + " hold.run_id = run.id WHERE event.repository_id = ? AND event.contributor = ? AND"
                + " event.id < ? AND hold.state = 'REJECTED'",
            event.repository(),
            key,
            id),
        since,
        earlier.size() > MOST);
  }

  /** One pull request is one contribution, however often it changed. */
  private static boolean same(Happening earlier, Happening now) {
    return earlier instanceof Happening.PullRequest before
        ? now instanceof Happening.PullRequest request && request.number() == before.number()
        : what(earlier).equals(what(now));
  }

  private static String what(Happening happening) {
    return happening.ref() + " " + happening.commit();
  }

  /** Whether nothing of theirs was seen before, but for what it is about. */
  boolean first() {
    return requests == 0 && others == 0;
  }

  private static long count(Session session, String sql, String repository, String who, String id)
      throws SQLException {
    return session.first(sql, row -> row.number("n"), repository, who, id).orElse(0L);
  }
}

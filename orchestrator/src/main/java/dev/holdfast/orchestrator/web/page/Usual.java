package dev.holdfast.orchestrator.web.page;

import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.run.Run;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How long a run usually takes. */
final class Usual {
  /** More would tell of times when it was another workflow. */
  private static final int LAST = 20;

  private static final int FEWEST = 3;

  private Usual() {}

  /** The median of those before it that succeeded, of its workflow and branch. */
  static Optional<Duration> of(Session s, Run run) throws SQLException {
    List<Long> took =
        s
            .list(
                "SELECT finished_at - started_at AS took FROM run WHERE repository_id = ? AND"
                    + " workflow = ? AND ref = ? AND state = 'SUCCEEDED' AND started_at IS NOT NULL"
                    + " AND id < ? ORDER BY id DESC LIMIT ?",
                row -> row.number("took"),
                run.repository(),
                run.workflow(),
                run.ref(),
                run.id(),
                LAST)
            .stream()
            .sorted()
            .toList();
    return took.size() < FEWEST
        ? Optional.empty()
        : Optional.of(Duration.ofMillis(took.get(took.size() / 2)));
  }
}

package dev.holdfast.orchestrator;

import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.metric.Metrics;
import dev.holdfast.orchestrator.queue.Leases;

/** Figures that are looked up when they are asked for. */
final class Gauges {
  private Gauges() {}

  static void of(Metrics metrics, Database database, Leases leases) {
    count(
        metrics,
        database,
        "holdfast_jobs_queued",
        "Jobs that wait for an agent",
        "SELECT count(*) AS n FROM job WHERE state = 'QUEUED'");
    count(
        metrics,
        database,
        "holdfast_attempts_held",
        "Attempts that agents hold",
        "SELECT count(*) AS n FROM attempt WHERE state IN ('LEASED', 'RUNNING')");
    count(
        metrics,
        database,
        "holdfast_events_waiting",
        "Events that are not processed yet",
        "SELECT count(*) AS n FROM event WHERE state = 'RECEIVED'");
    metrics.gauge(
        "holdfast_agents_waiting", "Agents that wait for work", leases, Leases::waitingAgents);
    metrics.gauge(
        "holdfast_writes_waiting",
        "Writes that wait for the writer",
        database,
        Database::waitingWrites);
  }

  private static void count(
      Metrics metrics, Database database, String name, String what, String sql) {
    metrics.gauge(
        name,
        what,
        database,
        db -> db.read(s -> s.first(sql, row -> (double) row.number("n"))).orElse(0.0));
  }
}

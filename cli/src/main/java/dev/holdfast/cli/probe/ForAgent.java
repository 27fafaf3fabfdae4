package dev.holdfast.cli.probe;

import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.model.wire.agent.ProbeReport;
import dev.holdfast.probe.Report;
import dev.holdfast.probe.Result;
import java.time.Instant;
import java.util.List;

/** A report in the counts that an agent tells its server. */
public final class ForAgent {
  private ForAgent() {}

  /**
   * @param report of one attack at least
   * @param whole whether all of the catalogue was asked for
   */
  public static ProbeReport of(Report report, Instant now, String release, boolean whole) {
    return new ProbeReport(
        now,
        release,
        whole,
        report.results().stream()
            .map(Result::backend)
            .distinct()
            .sorted()
            .map(backend -> on(backend, report))
            .toList());
  }

  private static ProbeReport.OnBackend on(Backend backend, Report report) {
    List<Result> there =
        report.results().stream().filter(result -> result.backend() == backend).toList();
    return new ProbeReport.OnBackend(
        backend,
        count(there, Result.State.HELD),
        count(there, Result.State.NOT_HELD),
        count(there, Result.State.INCONCLUSIVE),
        count(there, Result.State.NOT_RUN),
        (int)
            there.stream()
                .filter(result -> result.control().isPresent() && !result.controlWorks())
                .count());
  }

  private static int count(List<Result> results, Result.State state) {
    return (int) results.stream().filter(result -> result.state() == state).count();
  }
}

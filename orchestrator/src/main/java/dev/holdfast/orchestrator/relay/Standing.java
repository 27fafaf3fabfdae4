package dev.holdfast.orchestrator.relay;

import dev.holdfast.model.wire.relay.RelayApi;
import dev.holdfast.orchestrator.metric.Metrics;
import java.time.Instant;
import java.util.Optional;

/** How it stands with the relay, for whoever asks. Thread-safe. */
final class Standing {
  private RelayStatus.State state = RelayStatus.State.ENROLLING;
  private Instant since;
  private Optional<String> problem = Optional.empty();
  private RelayApi.Standing said = new RelayApi.Standing(0, 0, 0, 0);

  Standing(Instant now) {
    this.since = now;
  }

  void of(Metrics metrics) {
    metrics.gauge(
        "holdfast_relay_connected",
        "Whether the relay answers: 1 or 0",
        this,
        it -> it.is(RelayStatus.State.CONNECTED) ? 1 : 0);
    metrics.gauge(
        "holdfast_relay_waiting",
        "Deliveries that the relay keeps for this server, as it says",
        this,
        it -> it.said().waiting());
    metrics.gauge(
        "holdfast_relay_dropped",
        "Deliveries that the relay did not take or no longer keeps, as it says",
        this,
        it -> dropped(it.said()));
  }

  private static long dropped(RelayApi.Standing said) {
    return said.refused() + said.expired();
  }

  private synchronized RelayApi.Standing said() {
    return said;
  }

  synchronized boolean is(RelayStatus.State other) {
    return state == other;
  }

  /** Answers whether this is news. */
  synchronized boolean now(RelayStatus.State next, Optional<String> why, Instant at) {
    boolean news = state != next;
    if (news) {
      state = next;
      since = at;
    }
    problem = why;
    return news;
  }

  synchronized void said(RelayApi.Standing now) {
    said = now;
  }

  synchronized RelayStatus status(String url, Optional<String> tenant, int sources) {
    return new RelayStatus(
        state, url, tenant, since, problem, said.waiting(), dropped(said), sources);
  }
}

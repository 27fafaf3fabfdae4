package dev.holdfast.model.wire.agent;

import dev.holdfast.model.wire.Bounds;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What came of the newest {@code holdfast probe} of an agent's host, in counts. It is left in the
 * agent's folder by whoever probes, and told on by the agent: a word of its host about itself.
 *
 * @param at when it ended, by that host's clock
 * @param release of Holdfast that probed
 * @param whole whether all attacks were run, and not some that were chosen
 * @param backends each that was attacked, once
 */
public record ProbeReport(Instant at, String release, boolean whole, List<OnBackend> backends) {
  private static final int LONGEST_RELEASE = 100;
  private static final int MOST_ATTACKS = 100_000;
  private static final Instant FIRST = Instant.parse("2020-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("2120-01-01T00:00:00Z");

  /**
   * How attacks on one backend ended.
   *
   * @param held were stopped
   * @param broken got through
   * @param inconclusive proved nothing
   * @param notRun could not be run there
   * @param badControls have a control that did not get through, so that they prove nothing
   */
  public record OnBackend(
      Backend backend, int held, int broken, int inconclusive, int notRun, int badControls) {
    public OnBackend {
      Bounds.range("held", held, 0, MOST_ATTACKS);
      Bounds.range("broken", broken, 0, MOST_ATTACKS);
      Bounds.range("inconclusive", inconclusive, 0, MOST_ATTACKS);
      Bounds.range("not-run", notRun, 0, MOST_ATTACKS);
      Bounds.range("bad-controls", badControls, 0, MOST_ATTACKS);
    }

    /** Whether something was tried, everything that was tried held, and every control works. */
    public boolean good() {
      return held > 0 && broken == 0 && inconclusive == 0 && badControls == 0;
    }
  }

  public ProbeReport {
    if (release.isBlank()
        || release.length() > LONGEST_RELEASE
        || release.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "the release is no line of 1 to " + LONGEST_RELEASE + " characters");
    }
    if (at.isBefore(FIRST) || at.isAfter(LAST)) {
      throw new IllegalArgumentException("at is " + at + "; expected a time of this century");
    }
    Bounds.range("the count of backends", backends.size(), 1, Backend.values().length);
    if (backends.stream().map(OnBackend::backend).distinct().count() < backends.size()) {
      throw new IllegalArgumentException("a backend is there twice");
    }
    backends = List.copyOf(backends);
  }

  /** What came of it on one backend, if that was attacked. */
  public Optional<OnBackend> on(Backend backend) {
    return backends.stream().filter(one -> one.backend() == backend).findFirst();
  }
}

package dev.holdfast.probe;

import dev.holdfast.agent.sandbox.Protection;
import java.util.List;
import java.util.Set;

/**
 * All results of one call.
 *
 * @param without parts of the wall that were left out on purpose
 */
public record Report(List<Result> results, Set<Protection> without) {
  public Report {
    results = List.copyOf(results);
    without = Set.copyOf(without);
  }

  /** How many were in {@code state}. */
  public long count(Result.State state) {
    return results.stream().filter(r -> r.state() == state).count();
  }

  public long badControls() {
    return results.stream().filter(r -> r.control().isPresent() && !r.controlWorks()).count();
  }

  /** Whether something was tried, everything that was tried held, and every control works. */
  public boolean held() {
    List<Result> run = results.stream().filter(r -> r.state() != Result.State.NOT_RUN).toList();
    return !run.isEmpty() && run.stream().allMatch(Result::good);
  }

  /** With something left out: the attacks that only that stops. They must have got through. */
  public List<Result> mustBeRed() {
    return results.stream()
        .filter(r -> r.state() != Result.State.NOT_RUN)
        .filter(r -> without.containsAll(r.attack().stoppedBy(r.backend())))
        .toList();
  }

  /** Whether each of {@link #mustBeRed} is, and there is one. */
  public boolean canFail() {
    return !mustBeRed().isEmpty()
        && mustBeRed().stream().allMatch(r -> r.state() == Result.State.NOT_HELD);
  }

  /** The last line for people. */
  public String summary() {
    return count(Result.State.HELD)
        + " held, "
        + count(Result.State.NOT_HELD)
        + " not held, "
        + count(Result.State.INCONCLUSIVE)
        + " inconclusive, "
        + count(Result.State.NOT_RUN)
        + " not run; "
        + badControls()
        + " controls that do not work";
  }
}

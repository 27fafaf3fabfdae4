package dev.holdfast.orchestrator.run;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.trust.Trust;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was decided about a run before it was made.
 *
 * @param trust of everybody who had a hand in it; empty where there was nothing to decide
 * @param base the commit whose definitions run, if that is not the run's own
 * @param floor the weakest wall for its jobs
 * @param held whether all of it waits for a person
 * @param waiting the jobs that wait for a person where others do not, and the weakest wall for each
 *     once it is released
 * @param why one line each, for people
 */
public record Decided(
    Optional<Trust> trust,
    Optional<String> base,
    Tier floor,
    boolean held,
    Map<Name, Tier> waiting,
    List<String> why) {
  /** Where nobody has to be asked. */
  public static final Decided NOTHING =
      new Decided(Optional.empty(), Optional.empty(), Tier.NONE, false, Map.of(), List.of());

  public Decided {
    waiting = Map.copyOf(waiting);
    why = List.copyOf(why);
  }

  boolean holds(Name job) {
    return held || waiting.containsKey(job);
  }

  Tier floor(Name job) {
    return waiting.getOrDefault(job, floor);
  }
}

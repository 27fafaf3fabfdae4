package dev.holdfast.orchestrator.run;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.environment.Admission;
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
 * @param admissions of the jobs that ask for environments
 */
public record Decided(
    Optional<Trust> trust,
    Optional<String> base,
    Tier floor,
    boolean held,
    Map<Name, Tier> waiting,
    List<String> why,
    Map<Name, Admission> admissions) {
  /** Where nobody has to be asked. */
  public static final Decided NOTHING =
      new Decided(
          Optional.empty(), Optional.empty(), Tier.NONE, false, Map.of(), List.of(), Map.of());

  public Decided {
    waiting = Map.copyOf(waiting);
    why = List.copyOf(why);
    admissions = Map.copyOf(admissions);
  }

  /** Why a job never starts, where that is known and nobody has to be asked first. */
  Optional<String> refusal(Name job) {
    return !held && admissions.get(job) instanceof Admission.Refused refused
        ? Optional.of(refused.text())
        : Optional.empty();
  }

  boolean holds(Name job) {
    return held || waiting.containsKey(job);
  }

  Tier floor(Name job) {
    return waiting.getOrDefault(job, floor);
  }
}

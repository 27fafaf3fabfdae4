package dev.holdfast.model.environment;

import dev.holdfast.model.definition.Env;
import dev.holdfast.model.definition.Glob;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.trust.Trust;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an environment gives to jobs, and asks of them. What is left out asks nothing, but for trust
 * and concurrency: whoever is not trusted needs a person in any case, and jobs run one after the
 * other.
 *
 * @param variables for every step; they are no secrets
 * @param branches patterns of those that jobs may run for
 * @param tags the same; where branches are named and no tags, no tag is let in, and the other way
 *     round. A pull request is neither, whatever its branch is called
 * @param triggers the kinds of events that may; none is all
 * @param trust the least; who has less is refused, and no person's consent changes that
 * @param approval who is asked, whoever is trusted
 * @param timer how long a job waits once it could start
 * @param concurrency what becomes of two at a time; where absent, {@link Concurrency#QUEUE}
 */
public record EnvironmentRules(
    Map<String, String> variables,
    List<String> branches,
    List<String> tags,
    List<TriggerKind> triggers,
    Optional<Trust> trust,
    Optional<Approvers> approval,
    Optional<TimeLimit> timer,
    Optional<Concurrency> concurrency) {
  /** Lets in whoever is trusted, one at a time. */
  public static final EnvironmentRules NONE =
      new EnvironmentRules(
          Map.of(),
          List.of(),
          List.of(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  public EnvironmentRules {
    variables = Env.checked(variables);
    Glob.check(branches);
    Glob.check(tags);
    branches = List.copyOf(branches);
    tags = List.copyOf(tags);
    triggers = triggers.stream().distinct().sorted().toList();
  }

  /** Whether one job at a time is in it. */
  public Concurrency inForce() {
    return concurrency.orElse(Concurrency.QUEUE);
  }
}

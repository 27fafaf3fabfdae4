package dev.holdfast.model.decision;

import dev.holdfast.model.definition.Audience;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.secret.SecretName;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a job would get if it ran as its definition asks.
 *
 * @param secrets by name, the environments that it asks for, and whom it asks for tokens for
 * @param tier the weakest wall that it accepts
 * @param root whether its steps are root in its sandbox
 */
public record Gets(
    Set<String> secrets, Tier tier, Egress egress, boolean cacheWrites, boolean root) {
  public Gets {
    secrets = Set.copyOf(secrets);
  }

  /**
   * By its definition. None can ask for a network: a job gets the one of its agent, and what that
   * lists is as good as any. Nor do services make it more: they are behind its filter and its
   * limits, and their images are the definition's.
   */
  public static Gets of(Job job) {
    return new Gets(
        names(job),
        job.tier().orElse(Tier.NAMESPACES),
        Egress.LISTED,
        !job.cache().isEmpty(),
        job.root());
  }

  /**
   * An environment opens what is kept for it, whatever that is; a token what others give it. What
   * another job of the same run puts out is nobody else's, and as trusted as the run.
   */
  private static Set<String> names(Job job) {
    return Stream.of(
            job.secretNames().stream()
                .filter(name -> name.output().isEmpty())
                .map(SecretName::value),
            job.environments().stream().map(EnvironmentPattern::value),
            job.audiences().stream().map(Audience::value))
        .flatMap(names -> names)
        .collect(Collectors.toSet());
  }

  /** Whether it asks for something that {@code limits} keep from it. */
  boolean beyond(Limits limits) {
    return !new Limits(!secrets.isEmpty(), cacheWrites, egress, root).within(limits);
  }
}

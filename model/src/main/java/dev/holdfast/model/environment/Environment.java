package dev.holdfast.model.environment;

import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.EnvironmentPattern;
import java.time.Instant;
import java.util.Optional;

/**
 * One set of rules that applies to a name. Several may: an organisation's and a repository's.
 *
 * @param kept the name or pattern that it is kept for
 * @param scope of what it is kept, as {@code organisation:acme}, or a repository's id
 */
public record Environment(
    EnvironmentName name,
    EnvironmentPattern kept,
    String scope,
    EnvironmentRules rules,
    Optional<Lock> lock) {
  /**
   * That nothing new starts there.
   *
   * @param by who says so, for people
   * @param why in one line
   */
  public record Lock(String by, String why, Instant since) {}
}

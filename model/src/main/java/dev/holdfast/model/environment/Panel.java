package dev.holdfast.model.environment;

import dev.holdfast.model.definition.EnvironmentName;
import java.util.Optional;
import java.util.Set;

/**
 * Who has to let jobs into one environment, with teams as the people that they are.
 *
 * @param members the ids of the users who count; empty if whoever has the right to approve does
 */
public record Panel(EnvironmentName name, Approvers asked, Optional<Set<String>> members) {
  public Panel {
    members = members.map(Set::copyOf);
  }

  /** Whether this user's consent counts here. */
  public boolean counts(String user) {
    return members.isEmpty() || members.get().contains(user);
  }

  /**
   * What is still needed; empty if nothing.
   *
   * @param by who approved, for exactly this, and has the right to
   * @param hands the users who had a hand in the change
   */
  public Optional<String> missing(Set<String> by, Set<String> hands) {
    long count =
        by.stream()
            .filter(this::counts)
            .filter(user -> asked.own() || !hands.contains(user))
            .count();
    return count >= asked.count()
        ? Optional.empty()
        : Optional.of(count + " of " + asked + " for the environment " + name);
  }
}

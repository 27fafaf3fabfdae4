package dev.holdfast.orchestrator.access;

import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Right;
import dev.holdfast.orchestrator.repository.Repository;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where there are no users: whoever has an admin token may do everything, and is linked to none.
 */
public final class TokenRights implements Rights {
  private final Tokens tokens;

  public TokenRights(Tokens tokens) {
    this.tokens = tokens;
  }

  @Override
  public Lookup<String> linked(Contributor contributor) {
    return new Lookup.Absent<>();
  }

  @Override
  public Lookup<Right> of(String user, Repository repository) {
    return new Lookup.Absent<>();
  }

  @Override
  public Lookup<Set<String>> approvers(Repository repository) {
    return new Lookup.Known<>(
        tokens.list(Tokens.Kind.ADMIN).stream()
            .map(Tokens.Token::id)
            .collect(Collectors.toUnmodifiableSet()));
  }
}

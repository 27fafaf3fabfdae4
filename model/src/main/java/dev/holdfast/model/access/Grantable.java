package dev.holdfast.model.access;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What can be granted: a role, or a single permission. */
public sealed interface Grantable permits Role, Permission {
  /** What it lets somebody do. */
  Set<Permission> permissions();

  /** As people write it; no role is called like a permission. */
  String word();

  /** The role or permission that is written {@code word}. */
  static Optional<Grantable> of(String word) {
    return Stream.<Grantable>concat(
            Arrays.stream(Role.values()), Arrays.stream(Permission.values()))
        .filter(grantable -> grantable.word().equals(word))
        .findFirst();
  }
}

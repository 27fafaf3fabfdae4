package dev.holdfast.orchestrator.access;

import dev.holdfast.model.access.Role;
import java.util.List;
import java.util.Optional;

/** The user {@code admin}, whose are the tokens from before there were users. */
final class FirstUser {
  private static final String NAME = "admin";

  private FirstUser() {}

  static void ensure(Changes changes) {
    changes.itself(
        "user.first",
        (s, now) -> {
          if (!now.users().isEmpty()) {
            return Optional.empty();
          }
          String id = changes.database().ids().next("usr");
          s.update(
              "INSERT INTO person (id, name, created_at) VALUES (?, ?, ?)",
              id,
              NAME,
              changes.clock().instant());
          s.update(
              "INSERT INTO role_grant (id, person_id, what, granted_at) VALUES (?, ?, ?, ?)",
              changes.database().ids().next("grant"),
              id,
              Role.OWNER.word(),
              changes.clock().instant());
          s.update(
              "UPDATE token SET person_id = ? WHERE kind = ? AND person_id IS NULL",
              id,
              Tokens.Kind.PERSON);
          return Optional.of(
              new Changes.Done<>(true, id, List.of("the user " + NAME + ", the first owner")));
        });
  }
}

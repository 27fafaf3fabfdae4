package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.decision.Policies;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/** The policies of the installation and of repositories. */
public final class PolicyStore {
  /** The scope that stands for the installation. */
  static final String INSTALLATION = "*";

  private PolicyStore() {}

  /** The policy that applies to a repository, or why none does. */
  public static Lookup<Policy> effective(Session session, String repository) throws SQLException {
    return Policies.effective(
        of(session, Optional.empty()), new Lookup.Absent<>(), of(session, Optional.of(repository)));
  }

  /**
   * The policy that was set.
   *
   * @param repository its id; empty for the installation
   */
  public static Lookup<Policy> of(Session session, Optional<String> repository)
      throws SQLException {
    Optional<String> body =
        session.first(
            "SELECT body FROM policy WHERE scope = ?",
            row -> row.text("body"),
            repository.orElse(INSTALLATION));
    if (body.isEmpty()) {
      return new Lookup.Absent<>();
    }
    try {
      return new Lookup.Known<>(Records.read(PolicyText.class, body.get()).policy());
    } catch (MalformedJson | IllegalArgumentException e) {
      return new Lookup.Failed<>(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Sets one.
   *
   * @throws IllegalArgumentException if it may not apply, with the mend; nothing is changed
   */
  public static void set(
      Session session, Optional<String> repository, Policy policy, String by, Instant now)
      throws SQLException {
    if (policy.atOnce().isPresent()) {
      throw new IllegalArgumentException(
          "at-once is not to be had yet: no agent keeps a job to listed egress because of a"
              + " decision; leave it out");
    }
    if (repository.isPresent()) {
      var narrowed =
          Policies.effective(
              of(session, Optional.empty()), new Lookup.Absent<>(), new Lookup.Known<>(policy));
      if (narrowed instanceof Lookup.Failed<Policy>(var why)) {
        throw new IllegalArgumentException(why);
      }
    }
    session.update(
        "INSERT INTO policy (scope, body, set_by, set_at) VALUES (?, ?, ?, ?) ON CONFLICT (scope) DO"
            + " UPDATE SET body = excluded.body, set_by = excluded.set_by, set_at ="
            + " excluded.set_at",
        repository.orElse(INSTALLATION),
        PolicyText.canonical(policy),
        by,
        now);
  }

  /** Takes one away. Answers false if there is none. */
  public static boolean clear(Session session, Optional<String> repository) throws SQLException {
    return session.update("DELETE FROM policy WHERE scope = ?", repository.orElse(INSTALLATION))
        > 0;
  }
}

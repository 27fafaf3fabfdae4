package dev.holdfast.orchestrator.hold;

import dev.holdfast.model.decision.Policies;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.repository.Organisations;
import dev.holdfast.orchestrator.run.Conflict;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/** The policies of the installation, of organisations and of repositories. */
public final class PolicyStore {
  private PolicyStore() {}

  /** The policy that applies to a repository, or why none does. */
  public static Lookup<Policy> effective(Session session, String repository) throws SQLException {
    return Policies.effective(
        of(session, new PolicyScope.Installation()),
        ofOrganisation(session, repository),
        of(session, new PolicyScope.OfRepository(repository)));
  }

  /** The policy that applies where {@code policy} is what is set for {@code scope}. */
  public static Lookup<Policy> effective(
      Session session, String repository, PolicyScope scope, Policy policy) throws SQLException {
    var set = new Lookup.Known<>(policy);
    return Policies.effective(
        scope instanceof PolicyScope.Installation
            ? set
            : of(session, new PolicyScope.Installation()),
        scope instanceof PolicyScope.Organisation && scope.covers(session, repository)
            ? set
            : ofOrganisation(session, repository),
        scope instanceof PolicyScope.OfRepository && scope.covers(session, repository)
            ? set
            : of(session, new PolicyScope.OfRepository(repository)));
  }

  /** The policy that applies to what has none of its own in {@code scope}. */
  public static Lookup<Policy> within(Session session, PolicyScope scope) throws SQLException {
    return switch (scope) {
      case PolicyScope.Installation whole ->
          Policies.effective(of(session, whole), new Lookup.Absent<>(), new Lookup.Absent<>());
      case PolicyScope.Organisation organisation ->
          Policies.effective(
              of(session, new PolicyScope.Installation()),
              of(session, organisation),
              new Lookup.Absent<>());
      case PolicyScope.OfRepository(var id) -> effective(session, id);
    };
  }

  private static Lookup<Policy> ofOrganisation(Session session, String repository)
      throws SQLException {
    Optional<Name> organisation = Organisations.of(session, repository);
    return organisation.isPresent()
        ? of(session, new PolicyScope.Organisation(organisation.get()))
        : new Lookup.Absent<>();
  }

  /** The policy that was set for {@code scope}. */
  public static Lookup<Policy> of(Session session, PolicyScope scope) throws SQLException {
    Optional<String> body =
        session.first(
            "SELECT body FROM policy WHERE scope = ?", row -> row.text("body"), scope.key());
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
   * Who set the policy that applies to a repository.
   *
   * @param scope the narrowest that one was set for
   */
  public record Origin(PolicyScope scope, String by, Instant at) {}

  /** Where the policy comes from that applies to a repository; empty where nobody set one. */
  public static Optional<Origin> origin(Session session, String repository) throws SQLException {
    var scopes = new java.util.ArrayList<PolicyScope>();
    scopes.add(new PolicyScope.OfRepository(repository));
    Organisations.of(session, repository)
        .ifPresent(name -> scopes.add(new PolicyScope.Organisation(name)));
    scopes.add(new PolicyScope.Installation());
    for (PolicyScope scope : scopes) {
      Optional<Origin> set =
          session.first(
              "SELECT set_by, set_at FROM policy WHERE scope = ?",
              row -> new Origin(scope, row.text("set_by"), row.time("set_at")),
              scope.key());
      if (set.isPresent()) {
        return set;
      }
    }
    return Optional.empty();
  }

  /**
   * The policy that applies to a repository.
   *
   * @throws Conflict if there is none that could be told
   */
  static Policy inForce(Session session, String repository) throws SQLException {
    return switch (effective(session, repository)) {
      case Lookup.Known<Policy>(var policy) -> policy;
      case Lookup.Absent<Policy>() -> Policy.DEFAULT;
      case Lookup.Failed<Policy>(var why) ->
          throw new Conflict("the policy cannot be read, so nothing can be released: " + why);
    };
  }

  /**
   * Sets one.
   *
   * @throws IllegalArgumentException if it may not apply, with the mend; nothing is changed
   */
  public static void set(Session session, PolicyScope scope, Policy policy, String by, Instant now)
      throws SQLException {
    Lookup<Policy> narrowed =
        switch (scope) {
          case PolicyScope.Installation _ -> new Lookup.Known<>(policy);
          case PolicyScope.Organisation _ ->
              Policies.effective(
                  of(session, new PolicyScope.Installation()),
                  new Lookup.Known<>(policy),
                  new Lookup.Absent<>());
          case PolicyScope.OfRepository(var id) -> effective(session, id, scope, policy);
        };
    if (narrowed instanceof Lookup.Failed<Policy>(var why)) {
      throw new IllegalArgumentException(why);
    }
    session.update(
        "INSERT INTO policy (scope, body, set_by, set_at) VALUES (?, ?, ?, ?) ON CONFLICT (scope) DO"
            + " UPDATE SET body = excluded.body, set_by = excluded.set_by, set_at ="
            + " excluded.set_at",
        scope.key(),
        PolicyText.canonical(policy),
        by,
        now);
  }

  /** Takes one away. Answers false if there is none. */
  public static boolean clear(Session session, PolicyScope scope) throws SQLException {
    return session.update("DELETE FROM policy WHERE scope = ?", scope.key()) > 0;
  }
}

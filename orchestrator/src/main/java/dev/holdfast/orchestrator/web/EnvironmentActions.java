package dev.holdfast.orchestrator.web;

import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.environment.Approvers;
import dev.holdfast.model.environment.Environment;
import dev.holdfast.model.environment.EnvironmentRules;
import dev.holdfast.model.environment.RulesText;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.Directory;
import dev.holdfast.orchestrator.access.Team;
import dev.holdfast.orchestrator.access.User;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.environment.Deployment;
import dev.holdfast.orchestrator.environment.Deployments;
import dev.holdfast.orchestrator.environment.EnvironmentScope;
import dev.holdfast.orchestrator.environment.Environments;
import dev.holdfast.orchestrator.environment.Kept;
import dev.holdfast.orchestrator.hold.Holds;
import dev.holdfast.orchestrator.repository.Organisations;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.Runs;
import io.javalin.http.Context;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What people see of environments and do with them, however they ask for it. */
public record EnvironmentActions(
    Gate gate,
    Database database,
    Repositories repositories,
    Environments environments,
    Deployments deployments,
    Runs runs,
    Access access,
    OnRecord onRecord,
    InstantSource clock) {
  /** Of what people write about one. */
  public static final int LARGEST = 256 * 1024;

  /**
   * An environment.
   *
   * @param organisation whose it is; empty for a repository's own
   * @param rules as they were set, with the names of users and teams
   * @param problem why they count for nothing, and no job is let in
   */
  public record Shown(
      EnvironmentPattern name,
      Optional<String> organisation,
      Optional<EnvironmentRules> rules,
      Optional<String> problem,
      String by,
      Instant at,
      Optional<Environment.Lock> lock) {}

  /**
   * What applies to a name.
   *
   * @param environments an organisation's before a repository's
   * @param inside who is in it, and
   * @param waiting who waits for it, in that order
   */
  public record Applying(List<Shown> environments, List<Deployed> inside, List<Deployed> waiting) {}

  /**
   * A deployment.
   *
   * @param state {@code waiting}, {@code inside}, {@code withdrawn}, or how its attempt ended
   */
  public record Deployed(
      String id,
      EnvironmentName environment,
      String what,
      String run,
      Optional<String> attempt,
      String commit,
      String state,
      Optional<Contributor> by,
      Instant asked,
      Optional<Instant> began,
      Optional<Instant> ended) {}

  /** What the query names: a repository, or an organisation. */
  public EnvironmentScope scope(Context ctx) {
    Optional<String> organisation = Http.query(ctx, "organisation");
    Optional<String> repository = Http.query(ctx, "repository");
    if (organisation.isPresent() == repository.isPresent()) {
      throw new Problem(400, "repository, organisation: give one of them");
    }
    if (repository.isPresent()) {
      return new EnvironmentScope.OfRepository(repository(repository.get()).id());
    }
    var name = new Name(organisation.get());
    if (!database.read(s -> Organisations.exists(s, name))) {
      throw new Problem(
          404,
          "no repository is of an organisation " + name + "; holdfast repo add --organisation");
    }
    return new EnvironmentScope.OfOrganisation(name);
  }

  Repository repository(String name) {
    return repositories
        .byName(new Name(name))
        .orElseThrow(() -> new Problem(404, "there is no repository " + name));
  }

  /** All that apply in {@code scope}, an organisation's before a repository's. */
  public List<Shown> list(EnvironmentScope scope) {
    return database.read(session -> {
      var shown = new ArrayList<Shown>();
      for (EnvironmentScope each : widening(session, scope)) {
        environments.list(session, each).forEach(kept -> shown.add(shown(each, kept)));
      }
      return shown;
    });
  }

  /** A repository's organisation before itself. */
  private static List<EnvironmentScope> widening(Session session, EnvironmentScope scope)
      throws SQLException {
    var scopes = new ArrayList<EnvironmentScope>();
    if (scope instanceof EnvironmentScope.OfRepository(var id)) {
      Organisations.of(session, id)
          .ifPresent(name -> scopes.add(new EnvironmentScope.OfOrganisation(name)));
    }
    scopes.add(scope);
    return scopes;
  }

  /**
   * What applies to a name, who is in it and who waits.
   *
   * @throws Problem if nothing does
   */
  public Applying applying(EnvironmentScope scope, EnvironmentPattern name) {
    return database.read(session -> {
      var shown = new ArrayList<Shown>();
      for (EnvironmentScope each : widening(session, scope)) {
        environments.list(session, each).stream()
            .filter(kept ->
                name.name().map(kept.name()::matches).orElseGet(() -> kept.name().equals(name)))
            .findFirst()
            .ifPresent(kept -> shown.add(shown(each, kept)));
      }
      if (shown.isEmpty()) {
        throw new Problem(404, "there is no environment " + name);
      }
      var inside = new ArrayList<Deployed>();
      var waiting = new ArrayList<Deployed>();
      if (name.name().isPresent() && scope instanceof EnvironmentScope.OfRepository(var id)) {
        for (Deployment open : deployments.open(session, id, name.name().get())) {
          (open.inside() ? inside : waiting).add(deployed(session, open));
        }
      }
      return new Applying(shown, inside, waiting);
    });
  }

  /**
   * Sets the rules of one, as people write them: with the names of users and teams.
   *
   * @throws Problem if they are none; the message says all that is wrong
   */
  public void set(Context ctx, EnvironmentScope scope, EnvironmentPattern name, Json written) {
    EnvironmentRules rules = rules(written);
    String by = gate.caller(ctx).user().id();
    database.write(s -> {
      environments.set(s, scope, name, rules, by, clock.instant());
      onRecord.done(
          s,
          ctx,
          "environment.set",
          subject(scope, name),
          "sha256:" + Sha256.hex(Records.write(EnvironmentRules.class, rules)));
      return true;
    });
  }

  /** Takes one away, if there is one. */
  public void remove(Context ctx, EnvironmentScope scope, EnvironmentPattern name) {
    boolean removed =
        database.write(s -> {
          boolean was = environments.remove(s, scope, name);
          if (was) {
            onRecord.done(s, ctx, "environment.remove", subject(scope, name));
          }
          return was;
        });
    if (!removed) {
      throw new Problem(404, "there is no environment " + name);
    }
  }

  /** Lets nothing new start there. */
  public void lock(Context ctx, EnvironmentScope scope, EnvironmentPattern name, String why) {
    String by = gate.caller(ctx).user().name().value();
    database.write(s -> {
      environments.lock(s, scope, name, by, why.strip(), clock.instant());
      onRecord.done(s, ctx, "environment.lock", subject(scope, name), why.strip());
      return true;
    });
  }

  /** Lets jobs in again. */
  public void unlock(Context ctx, EnvironmentScope scope, EnvironmentPattern name) {
    database.write(s -> {
      if (environments.unlock(s, scope, name)) {
        onRecord.done(s, ctx, "environment.unlock", subject(scope, name));
      }
      return true;
    });
  }

  /** Who was in it, newest first. */
  public List<Deployed> history(String repository, EnvironmentName name, int most) {
    return database.read(session -> {
      var shown = new ArrayList<Deployed>();
      for (Deployment one : deployments.history(session, repository, name, most)) {
        shown.add(deployed(session, one));
      }
      return shown;
    });
  }

  private static String subject(EnvironmentScope scope, EnvironmentPattern name) {
    return scope.key() + "/" + name;
  }

  private Deployed deployed(Session session, Deployment one) throws SQLException {
    return new Deployed(
        one.id(),
        one.environment(),
        one.what(),
        one.run(),
        one.attempt(),
        one.commit(),
        one.inside()
            ? "inside"
            : one.waiting() ? "waiting" : one.outcome().map(Http::word).orElse("withdrawn"),
        Holds.event(session, runs.find(session, one.run()).eventId()).contributor(),
        one.asked(),
        one.began(),
        one.ended());
  }

  private Shown shown(EnvironmentScope scope, Kept kept) {
    return new Shown(
        kept.name(),
        scope instanceof EnvironmentScope.OfOrganisation(var name)
            ? Optional.of(name.value())
            : Optional.empty(),
        kept.rules().known().map(rules -> with(rules, gate::nameOf, gate::nameOf)),
        kept.rules() instanceof Lookup.Failed<EnvironmentRules>(var why)
            ? Optional.of(why)
            : Optional.empty(),
        gate.nameOf(kept.by()),
        kept.at(),
        kept.lock());
  }

  /** The rules with the ids of users and teams: names change hands. */
  private EnvironmentRules rules(Json written) {
    EnvironmentRules rules =
        switch (RulesText.read(written)) {
          case RulesText.Read.Good(var good) -> good;
          case RulesText.Read.Bad(var problems) ->
              throw new Problem(400, String.join("; ", problems));
        };
    Directory now = access.directory();
    var unknown = new ArrayList<String>();
    EnvironmentRules byId =
        with(
            rules,
            user -> id("user", user, name -> now.user(name).map(User::id), unknown),
            team -> id("team", team, name -> now.team(name).map(Team::id), unknown));
    if (!unknown.isEmpty()) {
      throw new Problem(400, "approval: " + String.join("; ", unknown));
    }
    return byId;
  }

  private static String id(
      String what, String text, Function<Name, Optional<String>> known, List<String> unknown) {
    Optional<String> id;
    try {
      id = known.apply(new Name(text));
    } catch (IllegalArgumentException e) {
      id = Optional.empty();
    }
    if (id.isEmpty()) {
      unknown.add("there is no " + what + " " + Quote.of(text));
    }
    return id.orElse(text);
  }

  private static EnvironmentRules with(
      EnvironmentRules rules, Function<String, String> user, Function<String, String> team) {
    return new EnvironmentRules(
        rules.variables(),
        rules.branches(),
        rules.tags(),
        rules.triggers(),
        rules.trust(),
        rules
            .approval()
            .map(asked ->
                new Approvers(
                    asked.count(),
                    asked.own(),
                    asked.users().stream().map(user).toList(),
                    asked.teams().stream().map(team).toList())),
        rules.timer(),
        rules.concurrency());
  }
}

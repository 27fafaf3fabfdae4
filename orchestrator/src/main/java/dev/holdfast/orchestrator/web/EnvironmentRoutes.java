package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.environment.Approvers;
import dev.holdfast.model.environment.Environment;
import dev.holdfast.model.environment.EnvironmentRules;
import dev.holdfast.model.environment.RulesText;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.json.JsonText;
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
import io.javalin.http.HandlerType;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Environments, and who was in them. */
final class EnvironmentRoutes {
  private static final int LARGEST = 256 * 1024;

  private final Gate gate;
  private final Database database;
  private final Repositories repositories;
  private final Environments environments;
  private final Deployments deployments;
  private final Runs runs;
  private final Access access;
  private final OnRecord onRecord;
  private final InstantSource clock;

  EnvironmentRoutes(
      Gate gate,
      Database database,
      Repositories repositories,
      Environments environments,
      Deployments deployments,
      Runs runs,
      Access access,
      OnRecord onRecord,
      InstantSource clock) {
    this.gate = gate;
    this.database = database;
    this.repositories = repositories;
    this.environments = environments;
    this.deployments = deployments;
    this.runs = runs;
    this.access = access;
    this.onRecord = onRecord;
    this.clock = clock;
  }

  /**
   * An environment.
   *
   * @param organisation whose it is; empty for a repository's own
   * @param rules as they were set, with the names of users and teams
   * @param problem why they count for nothing, and no job is let in
   */
  record Shown(
      EnvironmentPattern name,
      Optional<String> organisation,
      Optional<EnvironmentRules> rules,
      Optional<String> problem,
      String by,
      Instant at,
      Optional<Environment.Lock> lock) {}

  record AllShown(List<Shown> environments) {}

  /**
   * What applies to a name.
   *
   * @param environments an organisation's before a repository's
   * @param inside who is in it, and
   * @param waiting who waits for it, in that order
   */
  record Applying(List<Shown> environments, List<Deployed> inside, List<Deployed> waiting) {}

  record Lock(String why) {}

  record Done(EnvironmentPattern name) {}

  /**
   * A deployment.
   *
   * @param state {@code waiting}, {@code inside}, {@code withdrawn}, or how its attempt ended
   */
  record Deployed(
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

  record AllDeployed(List<Deployed> deployments) {}

  void on(Router router) {
    String all = "/api/v1/environments";
    String one = "/api/v1/environment";
    String lock = "/api/v1/environment/lock";
    router.queried(Permission.VIEW, HandlerType.GET, all, this::list);
    router.queried(Permission.VIEW, HandlerType.GET, one, this::show);
    router.queried(Permission.MANAGE_ENVIRONMENTS, HandlerType.PUT, one, this::set);
    router.queried(Permission.MANAGE_ENVIRONMENTS, HandlerType.DELETE, one, this::remove);
    router.queried(Permission.MANAGE_ENVIRONMENTS, HandlerType.PUT, lock, this::lock);
    router.queried(Permission.MANAGE_ENVIRONMENTS, HandlerType.DELETE, lock, this::unlock);
    router.queried(Permission.VIEW, HandlerType.GET, "/api/v1/deployments", this::history);
  }

  /** What the query names: a repository, or an organisation. */
  private EnvironmentScope scope(Context ctx) {
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

  private Repository repository(String name) {
    return repositories
        .byName(new Name(name))
        .orElseThrow(() -> new Problem(404, "there is no repository " + name));
  }

  private static EnvironmentPattern pattern(Context ctx) {
    return new EnvironmentPattern(
        Http.query(ctx, "name")
            .orElseThrow(() -> new Problem(400, "name: say which environment, as production")));
  }

  private void list(Context ctx) {
    EnvironmentScope scope = scope(ctx);
    Http.answer(
        ctx,
        AllShown.class,
        new AllShown(
            database.read(session -> {
              var shown = new ArrayList<Shown>();
              for (EnvironmentScope each : widening(session, scope)) {
                environments.list(session, each).forEach(kept -> shown.add(shown(each, kept)));
              }
              return shown;
            })));
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

  private void show(Context ctx) {
    answer(ctx, scope(ctx), pattern(ctx));
  }

  private void answer(Context ctx, EnvironmentScope scope, EnvironmentPattern name) {
    Applying applying =
        database.read(session -> {
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
    Http.answer(ctx, Applying.class, applying);
  }

  private void set(Context ctx) {
    EnvironmentScope scope = scope(ctx);
    EnvironmentPattern name = pattern(ctx);
    EnvironmentRules rules = rules(ctx);
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
    answer(ctx, scope, name);
  }

  private void remove(Context ctx) {
    EnvironmentScope scope = scope(ctx);
    EnvironmentPattern name = pattern(ctx);
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
    Http.answer(ctx, Done.class, new Done(name));
  }

  private void lock(Context ctx) {
    EnvironmentScope scope = scope(ctx);
    EnvironmentPattern name = pattern(ctx);
    String why = Http.body(ctx, Lock.class).why().strip();
    String by = gate.caller(ctx).user().name().value();
    database.write(s -> {
      environments.lock(s, scope, name, by, why, clock.instant());
      onRecord.done(s, ctx, "environment.lock", subject(scope, name), why);
      return true;
    });
    answer(ctx, scope, name);
  }

  private void unlock(Context ctx) {
    EnvironmentScope scope = scope(ctx);
    EnvironmentPattern name = pattern(ctx);
    database.write(s -> {
      if (environments.unlock(s, scope, name)) {
        onRecord.done(s, ctx, "environment.unlock", subject(scope, name));
      }
      return true;
    });
    answer(ctx, scope, name);
  }

  private void history(Context ctx) {
    String id =
        repository(
                Http.query(ctx, "repository")
                    .orElseThrow(() -> new Problem(400, "repository: say which")))
            .id();
    EnvironmentName name =
        pattern(ctx)
            .name()
            .orElseThrow(() -> new Problem(400, "name: say which one, as review/feature-1"));
    int most = (int) Http.number(ctx, "limit", 1, 1000, 50);
    List<Deployed> all =
        database.read(session -> {
          var shown = new ArrayList<Deployed>();
          for (Deployment one : deployments.history(session, id, name, most)) {
            shown.add(deployed(session, one));
          }
          return shown;
        });
    Http.answer(ctx, AllDeployed.class, new AllDeployed(all));
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

  /** The rules of the body, with the ids of users and teams: names change hands. */
  private EnvironmentRules rules(Context ctx) {
    EnvironmentRules rules =
        switch (RulesText.read(JsonText.parse(Http.bytes(ctx, LARGEST)))) {
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

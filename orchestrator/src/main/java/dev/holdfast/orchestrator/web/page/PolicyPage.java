package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.hold.PolicyScope;
import dev.holdfast.orchestrator.hold.PolicyStore;
import dev.holdfast.orchestrator.hold.PolicyText;
import dev.holdfast.orchestrator.intake.Replay;
import dev.holdfast.orchestrator.repository.Organisations;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.PolicyActions;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What is asked of code from people who are not trusted: what applies, whose it is, a new one. */
final class PolicyPage {
  private static final String PATH = Settings.PATH + "/policy";
  private static final int EVENTS = 100;
  private static final List<Tier> TIERS = List.of(Tier.NAMESPACES, Tier.CONTAINER, Tier.MICROVM);

  private final Gate gate;
  private final Database database;
  private final Repositories repositories;
  private final PolicyActions actions;

  PolicyPage(Gate gate, Database database, Repositories repositories, PolicyActions actions) {
    this.gate = gate;
    this.database = database;
    this.repositories = repositories;
    this.actions = actions;
  }

  /**
   * What was set at one level.
   *
   * @param set empty where nobody set anything
   * @param problem why what was set cannot be read
   * @param applies whether this is the one that counts
   */
  record Level(String words, Optional<Policy> set, Optional<String> problem, boolean applies) {
    String says(Policy.Aspect aspect) {
      return problem.isPresent() ? "cannot be read" : set.map(p -> words(p, aspect)).orElse("–");
    }

    private static String words(Policy policy, Policy.Aspect aspect) {
      return switch (aspect) {
        case HOLD_KNOWN -> policy.holdKnown() ? "wait as well" : "do not wait";
        case AT_ONCE -> policy.atOnce().map(tier -> "in " + tier.word()).orElse("never");
        case FLOOR -> policy.floor().word() + " or stronger";
        case APPROVAL ->
            policy.approval().count()
                + (policy.approval().count() == 1 ? " person" : " people")
                + (policy.approval().own() ? ", one's own counts" : ", not one's own");
        case HOLD_FOR -> PolicyText.of(policy).holdFor().value();
        case MAY_LOOSEN ->
            policy.mayLoosen().isEmpty()
                ? "nothing"
                : policy.mayLoosen().stream()
                    .sorted()
                    .map(Http::word)
                    .collect(Collectors.joining(", "));
      };
    }
  }

  /** What the form holds. */
  record Edit(
      boolean holdKnown,
      String atOnce,
      String floor,
      String count,
      boolean own,
      String holdFor,
      Set<Policy.Aspect> mayLoosen) {
    static Edit of(Policy policy) {
      PolicyText text = PolicyText.of(policy);
      return new Edit(
          text.holdKnown(),
          text.atOnce().map(Tier::word).orElse(""),
          text.floor().word(),
          Integer.toString(text.approval().count()),
          text.approval().own(),
          text.holdFor().value(),
          Set.copyOf(text.mayLoosen()));
    }

    /** As it was sent. */
    static Edit of(Context ctx) {
      Set<Policy.Aspect> loosen = EnumSet.noneOf(Policy.Aspect.class);
      for (Policy.Aspect aspect : Policy.Aspect.values()) {
        if (on(ctx, "loosen-" + Http.word(aspect))) {
          loosen.add(aspect);
        }
      }
      return new Edit(
          on(ctx, "hold-known"),
          Filled.text(ctx, "at-once").orElse(""),
          Filled.text(ctx, "floor").orElse(""),
          Filled.text(ctx, "count").orElse(""),
          on(ctx, "own"),
          Filled.text(ctx, "hold-for").orElse(""),
          loosen);
    }

    private static boolean on(Context ctx, String field) {
      return Filled.text(ctx, field).equals(Optional.of("yes"));
    }

    /** What it says, by the rules of what people write in a file. */
    Policy policy() {
      int people;
      try {
        people = Integer.parseInt(count);
      } catch (NumberFormatException e) {
        throw new Problem(400, "count: say how many people, as a number");
      }
      TimeLimit limit;
      try {
        limit = new TimeLimit(holdFor);
      } catch (IllegalArgumentException e) {
        throw new Problem(400, "hold-for: " + e.getMessage());
      }
      return new PolicyText(
              holdKnown,
              atOnce.isEmpty() ? Optional.empty() : Optional.of(tier("at-once", atOnce)),
              tier("floor", floor),
              new PolicyText.Approvals(people, own),
              limit,
              mayLoosen.stream().sorted().toList())
          .policy();
    }

    private static Tier tier(String field, String word) {
      return TIERS.stream()
          .filter(tier -> tier.word().equals(word))
          .findFirst()
          .orElseThrow(() -> new Problem(400, field + ": choose one of these"));
    }
  }

  /**
   * @param levels from the widest to the one that is looked at
   * @param problem why none applies, so that everything waits
   * @param tested what the newest events would come to under what the form holds
   */
  record View(
      Place place,
      List<Level> levels,
      Optional<Policy> effective,
      Optional<String> problem,
      boolean setHere,
      boolean maySet,
      Edit edit,
      Optional<Replay.Result> tested,
      Filled filled) {
    List<Policy.Aspect> aspects() {
      return Arrays.asList(Policy.Aspect.values());
    }

    List<Tier> tiers() {
      return TIERS;
    }

    /** What applies, in words. */
    String says(Policy.Aspect aspect) {
      return effective.map(policy -> Level.words(policy, aspect)).orElse("everything waits");
    }

    static String words(Policy.Aspect aspect) {
      return switch (aspect) {
        case HOLD_KNOWN -> "Known contributors";
        case AT_ONCE -> "Strangers run at once";
        case FLOOR -> "Weakest wall";
        case APPROVAL -> "Released by";
        case HOLD_FOR -> "A hold lasts";
        case MAY_LOOSEN -> "Narrower ones may loosen";
      };
    }

    String way(String what) {
      return PATH + what + place.query();
    }
  }

  void on(Router router) {
    var manage = Permission.MANAGE_POLICY;
    router.queried(Permission.VIEW, HandlerType.GET, PATH, this::show);
    router.queried(manage, HandlerType.POST, PATH, this::set);
    router.queried(manage, HandlerType.POST, PATH + "/test", this::test);
    router.queried(manage, HandlerType.POST, PATH + "/clear", this::clear);
  }

  private void show(Context ctx) {
    show(ctx, Optional.empty(), Optional.empty(), Filled.NOTHING);
  }

  private void show(
      Context ctx, Optional<Edit> edit, Optional<Replay.Result> tested, Filled filled) {
    PolicyScope scope = actions.scope(ctx);
    Place place = Place.asked(ctx, repositories, gate.caller(ctx), "policy");
    boolean may =
        gate.caller(ctx)
            .may(
                Permission.MANAGE_POLICY,
                scope instanceof PolicyScope.OfRepository(var id)
                    ? Optional.of(id)
                    : Optional.empty());
    View view =
        database.read(s -> {
          Lookup<Policy> within = PolicyStore.within(s, scope);
          Lookup<Policy> here = PolicyStore.of(s, scope);
          return new View(
              place,
              levels(s, scope),
              within.known(),
              within instanceof Lookup.Failed<Policy>(var why)
                  ? Optional.of(why)
                  : Optional.empty(),
              !(here instanceof Lookup.Absent<Policy>),
              may,
              edit.orElseGet(() -> Edit.of(here.known().or(within::known).orElse(Policy.DEFAULT))),
              tested,
              filled);
        });
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JtepolicyGenerated.render(
                out,
                none,
                Settings.of(
                    ctx,
                    "Policy of " + place.word(),
                    scope instanceof PolicyScope.Installation ? "policy" : place.entry()),
                view));
  }

  /** The one that counts is the narrowest that was set. */
  private static List<Level> levels(Session s, PolicyScope scope) throws SQLException {
    var scopes = new ArrayList<PolicyScope>();
    scopes.add(new PolicyScope.Installation());
    switch (scope) {
      case PolicyScope.Installation _ -> {}
      case PolicyScope.Organisation _ -> scopes.add(scope);
      case PolicyScope.OfRepository(var id) -> {
        Optional<Name> organisation = Organisations.of(s, id);
        organisation.ifPresent(name -> scopes.add(new PolicyScope.Organisation(name)));
        scopes.add(scope);
      }
    }
    int narrowest = -1;
    var set = new ArrayList<Lookup<Policy>>();
    for (PolicyScope one : scopes) {
      set.add(PolicyStore.of(s, one));
      if (!(set.getLast() instanceof Lookup.Absent<Policy>)) {
        narrowest = set.size() - 1;
      }
    }
    var levels = new ArrayList<Level>();
    levels.add(
        new Level("Holdfast's own", Optional.of(Policy.DEFAULT), Optional.empty(), narrowest < 0));
    for (int i = 0; i < scopes.size(); i++) {
      levels.add(
          new Level(
              switch (scopes.get(i)) {
                case PolicyScope.Installation _ -> "Installation";
                case PolicyScope.Organisation(var name) -> "Organisation " + name;
                case PolicyScope.OfRepository _ -> "Repository";
              },
              set.get(i).known(),
              set.get(i) instanceof Lookup.Failed<Policy>(var why)
                  ? Optional.of(why)
                  : Optional.empty(),
              i == narrowest));
    }
    return levels;
  }

  private void set(Context ctx) {
    Edit edit = Edit.of(ctx);
    change(ctx, edit, () -> actions.set(ctx, actions.scope(ctx), edit.policy()));
  }

  private void clear(Context ctx) {
    change(
        ctx,
        Edit.of(ctx),
        () -> {
          Filled.sure(ctx);
          actions.clear(ctx, actions.scope(ctx));
        });
  }

  private void change(Context ctx, Edit edit, Filled.Doing doing) {
    PolicyScope scope = actions.scope(ctx);
    Optional<Filled> refused = Filled.tried(ctx, doing);
    if (refused.isPresent()) {
      show(ctx, Optional.of(edit), Optional.empty(), refused.get());
      return;
    }
    Html.go(
        ctx,
        PATH
            + switch (scope) {
              case PolicyScope.Installation _ -> "";
              case PolicyScope.Organisation(var name) -> "?organisation=" + name;
              case PolicyScope.OfRepository _ ->
                  "?repository=" + Place.encoded(Http.query(ctx, "repository").orElse(""));
            });
  }

  private void test(Context ctx) {
    PolicyScope scope = actions.scope(ctx);
    Edit edit = Edit.of(ctx);
    Filled.tried(
            ctx,
            () ->
                show(
                    ctx,
                    Optional.of(edit),
                    Optional.of(actions.test(scope, edit.policy(), EVENTS)),
                    Filled.NOTHING))
        .ifPresent(refused -> show(ctx, Optional.of(edit), Optional.empty(), refused));
  }
}

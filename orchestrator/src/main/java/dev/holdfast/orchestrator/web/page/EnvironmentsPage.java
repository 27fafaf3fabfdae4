package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.environment.EnvironmentRules;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Records;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.environment.EnvironmentScope;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.web.EnvironmentActions;
import dev.holdfast.orchestrator.web.EnvironmentActions.Deployed;
import dev.holdfast.orchestrator.web.EnvironmentActions.Shown;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Environments of a repository or an organisation: their rules, who is inside, and who was. */
final class EnvironmentsPage {
  private static final String ALL = Settings.PATH + "/environments";
  private static final String ONE = Settings.PATH + "/environment";
  private static final int MOST_DEPLOYMENTS = 50;
  private static final int MOST_BELOW = 100;

  private final Gate gate;
  private final Database database;
  private final Repositories repositories;
  private final EnvironmentActions actions;

  EnvironmentsPage(
      Gate gate, Database database, Repositories repositories, EnvironmentActions actions) {
    this.gate = gate;
    this.database = database;
    this.repositories = repositories;
    this.actions = actions;
  }

  /**
   * One of the list.
   *
   * @param way to its page in the place that is looked at
   * @param inside how many jobs are in it; empty where it is a pattern or an organisation's
   */
  record Row(Shown shown, String way, String words, Optional<Integer> inside, int waiting) {}

  record View(Place place, List<Row> rows, boolean maySet, Filled filled, Instant now) {}

  /**
   * What is kept for a name, in one place.
   *
   * @param way to where it is changed, if that is not this very page
   */
  record Part(
      Shown shown,
      String whose,
      List<RulesWords.Fact> facts,
      Map<String, String> variables,
      Optional<String> way) {}

  /** A name below a pattern in which somebody was. */
  record Below(String name, String way) {}

  /**
   * @param own what is kept for exactly this name in exactly this place
   * @param text of its rules, as people write them
   * @param line whether there can be somebody in it
   */
  record One(
      Place place,
      EnvironmentPattern name,
      List<Part> parts,
      List<Deployed> inside,
      List<Deployed> waiting,
      List<Deployed> history,
      List<Below> below,
      Optional<Shown> own,
      String text,
      boolean line,
      boolean maySet,
      Filled filled,
      Instant now) {
    /** Where a form that does {@code what} is sent. */
    String way(String what) {
      return ONE + what + query(place, name.value());
    }

    boolean locked() {
      return own.flatMap(Shown::lock).isPresent();
    }
  }

  private static String query(Place place, String name) {
    return place.query() + "&name=" + Place.encoded(name);
  }

  void on(Router router) {
    var manage = Permission.MANAGE_ENVIRONMENTS;
    router.queried(Permission.VIEW, HandlerType.GET, ALL, this::list);
    router.queried(manage, HandlerType.POST, ALL, this::add);
    router.queried(Permission.VIEW, HandlerType.GET, ONE, this::show);
    router.queried(manage, HandlerType.POST, ONE, this::set);
    router.queried(manage, HandlerType.POST, ONE + "/lock", this::lock);
    router.queried(manage, HandlerType.POST, ONE + "/unlock", this::unlock);
    router.queried(manage, HandlerType.POST, ONE + "/remove", this::remove);
  }

  private void list(Context ctx) {
    list(ctx, Filled.NOTHING);
  }

  private void list(Context ctx, Filled filled) {
    EnvironmentScope scope = actions.scope(ctx);
    Place place = place(ctx);
    List<Row> rows = actions.list(scope).stream().map(shown -> row(scope, place, shown)).toList();
    var view = new View(place, rows, may(ctx, scope), filled, Router.asked(ctx).orElseThrow());
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JteenvironmentsGenerated.render(
                out, none, settings(ctx, place, "Environments of " + place.word()), view));
  }

  private Row row(EnvironmentScope scope, Place place, Shown shown) {
    Optional<EnvironmentName> name = shown.name().name();
    boolean line = name.isPresent() && scope instanceof EnvironmentScope.OfRepository;
    EnvironmentActions.Applying now =
        line
            ? actions.applying(scope, shown.name())
            : new EnvironmentActions.Applying(List.of(), List.of(), List.of());
    return new Row(
        shown,
        ONE + query(place, shown.name().value()),
        shown.rules().map(RulesWords::line).orElse("cannot be read: no job is let in"),
        line ? Optional.of(now.inside().size()) : Optional.empty(),
        now.waiting().size());
  }

  private void show(Context ctx) {
    show(ctx, Filled.NOTHING);
  }

  private void show(Context ctx, Filled filled) {
    EnvironmentScope scope = actions.scope(ctx);
    EnvironmentPattern name = name(ctx);
    Place place = place(ctx);
    EnvironmentActions.Applying applying = actions.applying(scope, name);
    Optional<Shown> own =
        applying.environments().stream()
            .filter(shown -> shown.name().equals(name))
            .filter(shown ->
                shown.organisation().isPresent()
                    == scope instanceof EnvironmentScope.OfOrganisation)
            .findFirst();
    boolean line = name.name().isPresent() && scope instanceof EnvironmentScope.OfRepository;
    var view =
        new One(
            place,
            name,
            applying.environments().stream().map(shown -> part(place, own, shown)).toList(),
            applying.inside(),
            applying.waiting(),
            line && scope instanceof EnvironmentScope.OfRepository(var id)
                ? actions.history(id, name.name().orElseThrow(), MOST_DEPLOYMENTS)
                : List.of(),
            below(place, scope, name),
            own,
            filled.of("rules", own.flatMap(Shown::rules).map(EnvironmentsPage::text).orElse("")),
            line,
            may(ctx, scope),
            filled,
            Router.asked(ctx).orElseThrow());
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JteenvironmentGenerated.render(out, none, settings(ctx, place, name.value()), view));
  }

  private static Part part(Place place, Optional<Shown> own, Shown shown) {
    boolean here = own.filter(shown::equals).isPresent();
    String whose =
        shown
            .organisation()
            .map(name -> "Of the organisation " + name)
            .orElseGet(() -> "Of the repository " + place.word());
    Place theirs =
        shown
            .organisation()
            .map(name -> new Place(Optional.empty(), Optional.of(name), List.of()))
            .orElse(place);
    return new Part(
        shown,
        whose,
        shown.rules().map(RulesWords::facts).orElse(List.of()),
        shown.rules().map(EnvironmentRules::variables).orElse(Map.of()),
        here ? Optional.empty() : Optional.of(ONE + query(theirs, shown.name().value())));
  }

  /** The names below a pattern in which somebody was, those of late first. */
  private List<Below> below(Place place, EnvironmentScope scope, EnvironmentPattern name) {
    if (name.name().isPresent() || !(scope instanceof EnvironmentScope.OfRepository(var id))) {
      return List.of();
    }
    String prefix = name.value().substring(0, name.value().length() - 1);
    return database.read(s ->
        s.list(
            "SELECT environment, MAX(id) AS newest FROM deployment WHERE repository_id = ? AND"
                + " substr(environment, 1, ?) = ? GROUP BY environment ORDER BY newest DESC LIMIT"
                + " ?",
            row -> {
              String one = row.text("environment");
              return new Below(one, ONE + query(place, one));
            },
            id,
            prefix.length(),
            prefix,
            MOST_BELOW));
  }

  private static String text(EnvironmentRules rules) {
    return JsonText.pretty(Records.encode(EnvironmentRules.class, rules)).strip();
  }

  private void add(Context ctx) {
    EnvironmentScope scope = actions.scope(ctx);
    Optional<Filled> refused =
        Filled.tried(ctx, () -> set(ctx, scope, named(ctx)), "name", "rules");
    if (refused.isPresent()) {
      list(ctx, refused.get());
      return;
    }
    Html.go(ctx, ONE + query(place(ctx), named(ctx).value()));
  }

  private void set(Context ctx) {
    EnvironmentScope scope = actions.scope(ctx);
    change(ctx, () -> set(ctx, scope, name(ctx)), "rules");
  }

  /** Whatever is wrong with the rules is said at their field. */
  private void set(Context ctx, EnvironmentScope scope, EnvironmentPattern name) {
    try {
      actions.set(ctx, scope, name, rules(ctx));
    } catch (Problem e) {
      String said = String.valueOf(e.getMessage());
      throw e.status() == 400 && !said.startsWith("rules: ")
          ? new Problem(400, "rules: " + said)
          : e;
    }
  }

  private void lock(Context ctx) {
    EnvironmentScope scope = actions.scope(ctx);
    change(ctx, () -> actions.lock(ctx, scope, name(ctx), Filled.needed(ctx, "why")), "why");
  }

  private void unlock(Context ctx) {
    EnvironmentScope scope = actions.scope(ctx);
    change(ctx, () -> actions.unlock(ctx, scope, name(ctx)));
  }

  private void remove(Context ctx) {
    EnvironmentScope scope = actions.scope(ctx);
    // Of what there is: where there is none, nothing but that is said.
    var _ = actions.applying(scope, name(ctx));
    Optional<Filled> refused =
        Filled.tried(
            ctx,
            () -> {
              Filled.sure(ctx);
              actions.remove(ctx, scope, name(ctx));
            });
    if (refused.isPresent()) {
      show(ctx, refused.get());
      return;
    }
    Html.go(ctx, ALL + place(ctx).query());
  }

  private void change(Context ctx, Filled.Doing doing, String... fields) {
    Optional<Filled> refused = Filled.tried(ctx, doing, fields);
    if (refused.isPresent()) {
      show(ctx, refused.get());
      return;
    }
    Html.go(ctx, ONE + query(place(ctx), name(ctx).value()));
  }

  private static Json rules(Context ctx) {
    String text = Filled.needed(ctx, "rules");
    if (text.length() > EnvironmentActions.LARGEST) {
      throw new Problem(413, "rules: are longer than 256 KiB");
    }
    try {
      return JsonText.parse(text);
    } catch (MalformedJson e) {
      throw new Problem(400, "rules: is no JSON: " + e.getMessage());
    }
  }

  private static EnvironmentPattern named(Context ctx) {
    try {
      return new EnvironmentPattern(Filled.needed(ctx, "name"));
    } catch (IllegalArgumentException e) {
      throw new Problem(400, "name: " + e.getMessage());
    }
  }

  private static EnvironmentPattern name(Context ctx) {
    return new EnvironmentPattern(
        Http.query(ctx, "name")
            .orElseThrow(() -> new Problem(400, "name: say which environment, as production")));
  }

  private Place place(Context ctx) {
    return Place.asked(ctx, repositories, gate.caller(ctx), "environments");
  }

  private static Settings settings(Context ctx, Place place, String title) {
    return Settings.of(ctx, title, place.entry());
  }

  private boolean may(Context ctx, EnvironmentScope scope) {
    return gate.caller(ctx)
        .may(
            Permission.MANAGE_ENVIRONMENTS,
            scope instanceof EnvironmentScope.OfRepository(var id)
                ? Optional.of(id)
                : Optional.empty());
  }
}

package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.link.Apps;
import dev.holdfast.orchestrator.repository.Organisations;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.web.ForgeActions;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Http;
import dev.holdfast.orchestrator.web.Problem;
import dev.holdfast.orchestrator.web.RepositoryActions;
import dev.holdfast.orchestrator.web.Router;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Which repositories Holdfast works for, and where another one is added. */
final class RepositoriesPage {
  private static final String ADD = Settings.PATH + "/add-repository";
  private static final String[] FIELDS = {
    "url", "api", "repository", "name", "app", "organisation", "floor"
  };

  private final Gate gate;
  private final Database database;
  private final Repositories repositories;
  private final Apps apps;
  private final RepositoryActions actions;
  private final ForgeActions forges;
  private final Optional<URI> url;

  RepositoriesPage(
      Gate gate,
      Database database,
      Repositories repositories,
      Apps apps,
      RepositoryActions actions,
      ForgeActions forges,
      Optional<URI> url) {
    this.gate = gate;
    this.database = database;
    this.repositories = repositories;
    this.apps = apps;
    this.actions = actions;
    this.forges = forges;
    this.url = url;
  }

  /** Where a repository can be. */
  enum Kind {
    GIT("git", "Plain git", ""),
    GITHUB("github", "GitHub", "https://api.github.com"),
    GITEA("gitea", "Gitea, Forgejo", ""),
    GITLAB("gitlab", "GitLab", "https://gitlab.com/api/v4");

    private final String key;
    private final String word;
    private final String api;

    Kind(String key, String word, String api) {
      this.key = key;
      this.word = word;
      this.api = api;
    }

    String key() {
      return key;
    }

    String word() {
      return word;
    }

    /** Where its calls start, where nothing else is said. */
    String api() {
      return api;
    }

    String way() {
      return ADD + "?kind=" + key;
    }

    private static Kind of(String key) {
      return Arrays.stream(values())
          .filter(kind -> kind.key.equals(key))
          .findFirst()
          .orElseThrow(() -> new Problem(400, "kind: there is no such kind of repository"));
    }
  }

  /** What the forge calls itself. */
  static String word(Repository.Location location) {
    return switch (location) {
      case Repository.Location.OnDisk _ -> "on this host";
      case Repository.Location.Remote _ -> "plain git";
      case Repository.Location.AtForge at ->
          switch (at.host().kind()) {
            case GITHUB -> "GitHub";
            case GITEA -> "Gitea";
            case GITLAB -> "GitLab";
          };
    };
  }

  /**
   * @param heard when something was last heard of it
   */
  record Line(
      Repository repository,
      Optional<Name> organisation,
      Optional<Tier> floor,
      Optional<Instant> heard) {
    String word() {
      return RepositoriesPage.word(repository.location());
    }

    String way() {
      return Settings.PATH + "/repositories/" + Place.encoded(repository.name().value());
    }
  }

  record View(List<Line> lines, boolean mayAdd, Instant now) {}

  record Adding(Kind kind, List<String> apps, List<String> organisations, Filled filled) {}

  /**
   * What was added, shown this once.
   *
   * @param url where others find this server, if it was told
   */
  record Done(
      String name,
      Kind kind,
      Optional<ForgeActions.Added> added,
      boolean token,
      boolean app,
      Optional<URI> url) {
    /** What the forge is to call. */
    String hook() {
      String path = added.map(ForgeActions.Added::hook).orElse("");
      return added
          .flatMap(ForgeActions.Added::relay)
          .or(() -> url.map(at -> at + path))
          .orElse(path);
    }

    boolean whole() {
      return hook().contains("://");
    }
  }

  void on(Router router) {
    String list = Settings.PATH + "/repositories";
    router.user(HandlerType.GET, Settings.PATH, RepositoriesPage::start);
    router.somewhere(Permission.VIEW, HandlerType.GET, list, this::show);
    router.installation(Permission.MANAGE_REPOSITORIES, HandlerType.GET, ADD, this::form);
    router.installation(Permission.MANAGE_REPOSITORIES, HandlerType.POST, ADD, this::add);
  }

  /** To the first page that they may see; the one about themselves everybody may. */
  private static void start(Context ctx) {
    Html.go(ctx, Settings.of(ctx, "Settings", "").links().getFirst().path());
  }

  private void show(Context ctx) {
    List<Repository> seen = gate.among(ctx, Permission.VIEW, repositories.list());
    Map<String, Instant> heard = new HashMap<>();
    List<Line> lines =
        database.read(s -> {
          s.list(
              "SELECT repository_id, MAX(received_at) AS heard FROM event GROUP BY repository_id",
              row -> {
                heard.put(row.text("repository_id"), row.time("heard"));
                return true;
              });
          var out = new java.util.ArrayList<Line>();
          for (Repository one : seen) {
            out.add(
                new Line(
                    one,
                    Organisations.of(s, one.id()),
                    repositories.floor(one),
                    Optional.ofNullable(heard.get(one.id()))));
          }
          return out;
        });
    Caller caller = gate.caller(ctx);
    var view =
        new View(
            lines,
            caller.may(Permission.MANAGE_REPOSITORIES, Optional.empty()),
            Router.asked(ctx).orElseThrow());
    Html.answer(
        ctx,
        (out, none) ->
            JterepositoriesGenerated.render(
                out, none, Settings.of(ctx, "Repositories", "repositories"), view));
  }

  private void form(Context ctx) {
    form(ctx, Filled.NOTHING);
  }

  private void form(Context ctx, Filled filled) {
    Kind kind = Kind.of(Http.query(ctx, "kind").orElse(Kind.GITHUB.key()));
    var view =
        new Adding(
            kind,
            kind == Kind.GITHUB
                ? apps.list().stream().map(app -> app.name().value()).toList()
                : List.of(),
            database.read(s ->
                s.list(
                    "SELECT DISTINCT organisation FROM repository WHERE organisation IS NOT NULL AND"
                        + " removed_at IS NULL ORDER BY organisation",
                    row -> row.text("organisation"))),
            filled);
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JteaddrepositoryGenerated.render(
                out, none, Settings.of(ctx, "Add a repository", "repositories"), view));
  }

  private void add(Context ctx) {
    Kind kind = Kind.of(Http.query(ctx, "kind").orElse(""));
    // What was added is answered within, so that nothing stays that nobody was told of.
    Filled.tried(ctx, () -> add(ctx, kind), FIELDS).ifPresent(refused -> form(ctx, refused));
  }

  private void add(Context ctx, Kind kind) {
    Optional<Name> organisation = Filled.name(ctx, "organisation");
    Optional<Tier> floor = floor(ctx);
    if (kind == Kind.GIT) {
      String location = Filled.needed(ctx, "url");
      Name name = chosen(ctx, location);
      actions.add(ctx, new RepositoryActions.Add(name, location, organisation, floor));
      done(ctx, new Done(name.value(), kind, Optional.empty(), false, false, url));
      return;
    }
    Repository.Kind forge =
        switch (kind) {
          case GIT, GITHUB -> Repository.Kind.GITHUB;
          case GITEA -> Repository.Kind.GITEA;
          case GITLAB -> Repository.Kind.GITLAB;
        };
    String repository = Filled.needed(ctx, "repository");
    Optional<String> token = Filled.text(ctx, "token");
    Optional<Name> app = Filled.name(ctx, "app");
    if (app.isPresent() && token.isPresent()) {
      throw new Problem(400, "app: an app speaks for it or a token does; leave one of them out");
    }
    Name name = chosen(ctx, repository);
    forges.add(
        ctx,
        new ForgeActions.Add(
            name, forge, Filled.needed(ctx, "api"), repository, token, app, organisation, floor),
        added ->
            done(
                ctx,
                new Done(
                    name.value(),
                    kind,
                    Optional.of(added),
                    token.isPresent(),
                    app.isPresent(),
                    url)));
  }

  private void done(Context ctx, Done done) {
    Html.answer(
        ctx,
        201,
        (out, none) ->
            JteaddedGenerated.render(
                out, none, Settings.of(ctx, "Added " + done.name(), "repositories"), done));
  }

  /** The name that was given, else the last part of where it is. */
  private static Name chosen(Context ctx, String from) {
    Optional<Name> given = Filled.name(ctx, "name");
    if (given.isPresent()) {
      return given.get();
    }
    String path = from.replaceAll("/+$", "");
    String last = path.substring(path.lastIndexOf('/') + 1).replaceFirst("(?<=.)\\.git$", "");
    try {
      return new Name(last);
    } catch (IllegalArgumentException e) {
      throw new Problem(400, "name: " + e.getMessage() + "; say what to call it");
    }
  }

  private static Optional<Tier> floor(Context ctx) {
    Optional<String> word = Filled.text(ctx, "floor");
    return word.map(text ->
        Arrays.stream(Tier.values())
            .filter(tier -> Objects.equals(tier.word(), text))
            .findFirst()
            .orElseThrow(() -> new Problem(400, "floor: there is no such tier")));
  }
}

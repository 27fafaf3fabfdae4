package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.People;
import dev.holdfast.orchestrator.intake.Outcomes;
import dev.holdfast.orchestrator.link.Links;
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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One repository: where it is, whether it works, what was heard of it, and how it is removed. */
final class RepositoryPage {
  private static final int EVENTS = 20;

  private final Gate gate;
  private final Database database;
  private final Repositories repositories;
  private final Links links;
  private final Forge forge;
  private final People people;
  private final RepositoryActions actions;
  private final ForgeActions forges;
  private final Optional<URI> url;

  RepositoryPage(
      Gate gate,
      Database database,
      Repositories repositories,
      Links links,
      Forge forge,
      People people,
      RepositoryActions actions,
      ForgeActions forges,
      Optional<URI> url) {
    this.gate = gate;
    this.database = database;
    this.repositories = repositories;
    this.links = links;
    this.forge = forge;
    this.people = people;
    this.actions = actions;
    this.forges = forges;
    this.url = url;
  }

  /** What a repository answered when it was asked just now. */
  sealed interface Check {
    /**
     * @param at where its branch is; empty if there is nothing in it
     * @param visibility who reads it, in words
     */
    record Works(RefName branch, Optional<CommitId> at, String visibility) implements Check {}

    record Fails(String why) implements Check {}
  }

  /** How long the secret before counts yet. */
  enum Overlap {
    NONE("0", "not at all", Duration.ZERO),
    HOUR("1h", "for an hour", Duration.ofHours(1)),
    DAY("24h", "for a day", Duration.ofDays(1)),
    WEEK("168h", "for a week", Duration.ofDays(7));

    private final String key;
    private final String word;
    private final Duration span;

    Overlap(String key, String word, Duration span) {
      this.key = key;
      this.word = word;
      this.span = span;
    }

    String key() {
      return key;
    }

    String word() {
      return word;
    }
  }

  /** Something that was heard, and what became of it. */
  record Line(
      String what, String ref, String state, Optional<String> note, List<Way> runs, Instant at) {
    /** A run that it started. */
    record Way(String workflow, String run) {}

    static Line of(RepositoryActions.InboxEvent event) {
      Happening happening = event.event().happening();
      return new Line(
          HoldWords.happened(happening),
          happening.ref().value(),
          event.state(),
          event.error().or(event::note).or(() -> none(event)),
          event.workflows().stream()
              .flatMap(w -> w.run().map(run -> new Way(w.workflow(), run)).stream())
              .toList(),
          event.received());
    }

    private static Optional<String> none(RepositoryActions.InboxEvent event) {
      return event.workflows().stream().anyMatch(w -> w.run().isPresent())
          ? Optional.empty()
          : event.workflows().stream().findFirst().map(Outcomes.Started::reason);
    }
  }

  /**
   * @param standing how it is linked to its forge; shown to whoever may change that
   * @param rotated what was just made, shown this once
   */
  record View(
      Repository repository,
      Optional<Name> organisation,
      Optional<Tier> floor,
      Optional<Links.Standing> standing,
      boolean mayManage,
      List<Line> events,
      Optional<Check> check,
      Optional<ForgeActions.Rotated> rotated,
      Optional<URI> url,
      Filled filled,
      Instant now) {
    String word() {
      return RepositoriesPage.word(repository.location());
    }

    String path() {
      return Settings.PATH + "/repositories/" + Place.encoded(repository.name().value());
    }

    /** Where the forge calls, as far as this server knows its own address. */
    String hook(String path) {
      return url.map(at -> at + path).orElse(path);
    }
  }

  void on(Router router) {
    String one = Settings.PATH + "/repositories/{name}";
    var manage = Permission.MANAGE_REPOSITORIES;
    router.repository(Permission.VIEW, HandlerType.GET, one, this::show);
    router.repository(manage, HandlerType.POST, one + "/check", this::check);
    router.repository(manage, HandlerType.POST, one + "/webhook", this::rotate);
    router.repository(manage, HandlerType.POST, one + "/remove", this::remove);
  }

  private void show(Context ctx) {
    show(ctx, Optional.empty(), Optional.empty(), Filled.NOTHING);
  }

  private void show(
      Context ctx, Optional<Check> check, Optional<ForgeActions.Rotated> rotated, Filled filled) {
    Repository repository = actions.named(Http.name(ctx));
    Caller caller = gate.caller(ctx);
    boolean manages = caller.may(Permission.MANAGE_REPOSITORIES, Optional.of(repository.id()));
    var view =
        new View(
            repository,
            database.read(s -> Organisations.of(s, repository.id())),
            repositories.floor(repository),
            manages ? links.standing(repository) : Optional.empty(),
            manages,
            actions.events(repository, "~", EVENTS).stream().map(Line::of).toList(),
            check,
            rotated,
            url,
            filled,
            Router.asked(ctx).orElseThrow());
    String name = repository.name().value();
    Html.answer(
        ctx,
        filled.status(),
        (out, none) ->
            JterepositoryGenerated.render(
                out,
                none,
                Settings.of(ctx, name, "repositories"),
                Place.of(repository, caller, ""),
                view));
  }

  private void check(Context ctx) {
    Repository repository = actions.named(Http.name(ctx));
    Check check;
    try {
      RefName branch = forge.defaultBranch(repository);
      check =
          new Check.Works(
              branch, forge.resolve(repository, branch), words(people.visibility(repository)));
    } catch (ForgeUnavailable e) {
      check = new Check.Fails(String.valueOf(e.getMessage()));
    }
    show(ctx, Optional.of(check), Optional.empty(), Filled.NOTHING);
  }

  private static String words(Lookup<Visibility> visibility) {
    return switch (visibility) {
      case Lookup.Known<Visibility>(var known) ->
          switch (known) {
            case PUBLIC -> "The forge says that anybody can read it.";
            case PRIVATE -> "The forge says that only who was let in can read it.";
          };
      case Lookup.Absent<Visibility>() -> "Nobody says who can read it.";
      case Lookup.Failed<Visibility>(var why) -> "Who can read it could not be told: " + why;
    };
  }

  private void rotate(Context ctx) {
    Filled.tried(
            ctx,
            () -> {
              String asked = Filled.needed(ctx, "overlap");
              Overlap overlap =
                  List.of(Overlap.values()).stream()
                      .filter(one -> one.key.equals(asked))
                      .findFirst()
                      .orElseThrow(() -> new Problem(400, "overlap: choose one of these"));
              ForgeActions.Rotated made = forges.rotate(ctx, Http.name(ctx), overlap.span);
              show(ctx, Optional.empty(), Optional.of(made), Filled.NOTHING);
            },
            "overlap")
        .ifPresent(refused -> show(ctx, Optional.empty(), Optional.empty(), refused));
  }

  private void remove(Context ctx) {
    Name name = actions.named(Http.name(ctx)).name();
    Optional<Filled> refused =
        Filled.tried(
            ctx,
            () -> {
              if (!Filled.text(ctx, "confirm").equals(Optional.of(name.value()))) {
                throw new Problem(400, "confirm: write the name of the repository, " + name);
              }
              actions.remove(ctx, name);
            },
            "confirm");
    if (refused.isPresent()) {
      show(ctx, Optional.empty(), Optional.empty(), refused.get());
      return;
    }
    Html.go(ctx, Settings.PATH + "/repositories");
  }
}

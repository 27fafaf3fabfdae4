package dev.holdfast.orchestrator.web;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.Quote;
import dev.holdfast.orchestrator.access.User;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.intake.Inbox;
import dev.holdfast.orchestrator.repository.Organisations;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Repositories and their events. */
final class RepositoryRoutes {
  private final Gate gate;
  private final RepositoryActions actions;
  private final Repositories repositories;
  private final Forge forge;
  private final Inbox inbox;
  private final OnRecord onRecord;
  private final Database database;
  private final InstantSource clock;

  RepositoryRoutes(
      Gate gate,
      RepositoryActions actions,
      Repositories repositories,
      Forge forge,
      Inbox inbox,
      OnRecord onRecord,
      Database database,
      InstantSource clock) {
    this.gate = gate;
    this.actions = actions;
    this.repositories = repositories;
    this.forge = forge;
    this.inbox = inbox;
    this.onRecord = onRecord;
    this.database = database;
    this.clock = clock;
  }

  record Shown(
      String id,
      Name name,
      String url,
      boolean onDisk,
      Optional<Name> organisation,
      Optional<Tier> floor) {}

  private Shown shown(Repository repository) {
    return new Shown(
        repository.id(),
        repository.name(),
        repository.location().url(),
        repository.location() instanceof Repository.Location.OnDisk,
        database.read(s -> Organisations.of(s, repository.id())),
        repositories.floor(repository));
  }

  record ShownAll(List<Shown> repositories) {}

  record Start(Name workflow, Optional<RefName> ref, Map<String, String> inputs) {}

  record Begun(String delivery, String event) {}

  record Removed(Name removed) {}

  record InboxEvents(List<RepositoryActions.InboxEvent> events) {}

  void on(Router router) {
    router.somewhere(Permission.VIEW, HandlerType.GET, "/api/v1/repositories", this::list);
    router.installation(
        Permission.MANAGE_REPOSITORIES, HandlerType.POST, "/api/v1/repositories", this::add);
    router.repository(Permission.VIEW, HandlerType.GET, "/api/v1/repositories/{name}", this::show);
    router.repository(
        Permission.MANAGE_REPOSITORIES,
        HandlerType.DELETE,
        "/api/v1/repositories/{name}",
        this::remove);
    router.repository(
        Permission.START_RUNS, HandlerType.POST, "/api/v1/repositories/{name}/events", this::start);
    router.repository(
        Permission.VIEW, HandlerType.GET, "/api/v1/repositories/{name}/events", this::events);
  }

  private void list(Context ctx) {
    Http.answer(
        ctx,
        ShownAll.class,
        new ShownAll(
            gate.among(ctx, Permission.VIEW, repositories.list()).stream()
                .map(this::shown)
                .toList()));
  }

  private void show(Context ctx) {
    Http.answer(ctx, Shown.class, shown(named(ctx)));
  }

  private void add(Context ctx) {
    Http.answer(
        ctx,
        201,
        Shown.class,
        shown(actions.add(ctx, Http.body(ctx, RepositoryActions.Add.class))));
  }

  private void remove(Context ctx) {
    Name name = Http.name(ctx);
    actions.remove(ctx, name);
    Http.answer(ctx, Removed.class, new Removed(name));
  }

  private void start(Context ctx) throws ForgeUnavailable {
    Repository repository = named(ctx);
    Start asked = Http.body(ctx, Start.class);
    RefName ref = asked.ref().isPresent() ? asked.ref().get() : forge.defaultBranch(repository);
    CommitId commit =
        forge
            .resolve(repository, ref)
            .orElseThrow(() ->
                new Problem(
                    404,
                    "the repository "
                        + repository.name()
                        + " has no branch or tag "
                        + Quote.of(ref.value())));
    User user = gate.caller(ctx).user();
    String delivery = database.ids().next("manual");
    database.write(s -> {
      onRecord.done(
          s,
          ctx,
          "run.start",
          repository.id(),
          "workflow " + asked.workflow() + " of " + commit,
          delivery);
      return true;
    });
    Inbox.Accepted accepted =
        inbox.accept(
            new Event(
                delivery,
                repository.id(),
                clock.instant(),
                Optional.of(new Contributor("holdfast", user.id(), user.name().value())),
                new Happening.Manual(asked.workflow(), ref, commit, asked.inputs())));
    Http.answer(ctx, 202, Begun.class, new Begun(delivery, accepted.id()));
  }

  private void events(Context ctx) {
    Repository repository = named(ctx);
    long limit = Http.number(ctx, "limit", 1, 1000, 50);
    String before = Http.query(ctx, "before").orElse("~");
    Http.answer(ctx, InboxEvents.class, new InboxEvents(actions.events(repository, before, limit)));
  }

  private Repository named(Context ctx) {
    return actions.named(Http.name(ctx));
  }
}

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
import dev.holdfast.model.json.Records;
import dev.holdfast.orchestrator.access.User;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.intake.Inbox;
import dev.holdfast.orchestrator.intake.Outcomes;
import dev.holdfast.orchestrator.repository.Organisations;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.secret.Secrets;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Repositories and their events. */
final class RepositoryRoutes {
  private static final List<String> SCHEMES = List.of("https", "http", "ssh");

  private final Gate gate;
  private final Repositories repositories;
  private final Forge forge;
  private final Inbox inbox;
  private final OnRecord onRecord;
  private final Database database;
  private final InstantSource clock;

  RepositoryRoutes(
      Gate gate,
      Repositories repositories,
      Forge forge,
      Inbox inbox,
      OnRecord onRecord,
      Database database,
      InstantSource clock) {
    this.gate = gate;
    this.repositories = repositories;
    this.forge = forge;
    this.inbox = inbox;
    this.onRecord = onRecord;
    this.database = database;
    this.clock = clock;
  }

  record Add(Name name, String url, Optional<Name> organisation, Optional<Tier> floor) {}

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

  record InboxEvent(
      String id,
      String delivery,
      String state,
      int tries,
      Optional<String> error,
      Optional<Instant> retryAt,
      Instant received,
      Optional<Instant> processed,
      Event event,
      List<Outcomes.Started> workflows,
      Optional<String> note) {}

  record InboxEvents(List<InboxEvent> events) {}

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
    Add asked = Http.body(ctx, Add.class);
    Repository.Location location = location(asked.url());
    try {
      forge.connect(new Repository("repo_new", asked.name(), location));
    } catch (ForgeUnavailable e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    }
    Repository added =
        repositories.add(
            asked.name(),
            location,
            asked.floor(),
            (s, repository) -> {
              if (asked.organisation().isPresent()) {
                Organisations.put(s, repository.id(), asked.organisation().get());
              }
              onRecord.done(
                  s,
                  ctx,
                  "repository.add",
                  repository.id(),
                  asked.name().value(),
                  asked.organisation().map(name -> "of " + name).orElse("of no organisation"),
                  asked.floor().map(floor -> "floor " + floor.word()).orElse("no floor"));
            });
    Http.answer(ctx, 201, Shown.class, shown(added));
  }

  private void remove(Context ctx) {
    Name name = Http.name(ctx);
    if (!repositories.remove(
        name,
        (s, gone) -> {
          onRecord.done(s, ctx, "repository.remove", gone.id(), name.value());
          Secrets.repositoryRemoved(s, gone.id(), gate.caller(ctx).user().id(), clock.instant());
        })) {
      throw unknown(name);
    }
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
    List<InboxEvent> events =
        database.read(s ->
            s.list(
                "SELECT * FROM event WHERE repository_id = ? AND id < ? ORDER BY id DESC LIMIT"
                    + " ?",
                row -> {
                  Optional<Outcomes> outcomes =
                      row.maybeText("result").map(text -> Records.read(Outcomes.class, text));
                  boolean waits = row.text("state").equals("RECEIVED");
                  return new InboxEvent(
                      row.text("id"),
                      row.text("delivery"),
                      row.text("state").toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
                      (int) row.number("tries"),
                      row.maybeText("error"),
                      waits && row.number("retry_at") > 0
                          ? row.maybeTime("retry_at")
                          : Optional.empty(),
                      row.time("received_at"),
                      row.maybeTime("processed_at"),
                      Records.read(Event.class, row.text("body")),
                      outcomes.map(Outcomes::workflows).orElse(List.of()),
                      outcomes.flatMap(Outcomes::note));
                },
                repository.id(),
                before,
                limit));
    Http.answer(ctx, InboxEvents.class, new InboxEvents(events));
  }

  private Repository named(Context ctx) {
    Name name = Http.name(ctx);
    return repositories.byName(name).orElseThrow(() -> unknown(name));
  }

  private static Problem unknown(Name name) {
    return new Problem(404, "there is no repository " + name + "; holdfast repo add makes one");
  }

  private static Repository.Location location(String url) {
    try {
      if (url.startsWith("/")) {
        return new Repository.Location.OnDisk(Path.of(url).normalize());
      }
      URI uri = new URI(url);
      if (uri.getScheme() != null
          && SCHEMES.contains(uri.getScheme())
          && uri.getHost() != null
          && (uri.getUserInfo() == null || !uri.getUserInfo().contains(":"))
          && !uri.getHost().startsWith("-")) {
        return new Repository.Location.Remote(uri);
      }
    } catch (URISyntaxException | InvalidPathException _) {
      // Refused below, like a URL of another scheme.
    }
    throw new Problem(
        400,
        "url: is "
            + Quote.of(url.replaceFirst("//[^/]*@", "//…@"))
            + "; expected an absolute path on this host, or a URL with https, http or ssh"
            + " and no password in it");
  }
}

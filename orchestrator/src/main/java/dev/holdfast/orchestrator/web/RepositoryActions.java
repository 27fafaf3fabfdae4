package dev.holdfast.orchestrator.web;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.json.Records;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.intake.Outcomes;
import dev.holdfast.orchestrator.repository.Organisations;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.secret.Secrets;
import io.javalin.http.Context;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** What people do with repositories of plain git, and with all of them, however they ask for it. */
public record RepositoryActions(
    Database database,
    Repositories repositories,
    Forge forge,
    Gate gate,
    OnRecord onRecord,
    InstantSource clock) {
  private static final List<String> SCHEMES = List.of("https", "http", "ssh");

  /** A repository of plain git to add. */
  public record Add(Name name, String url, Optional<Name> organisation, Optional<Tier> floor) {}

  /** An event of a repository and what became of it. */
  public record InboxEvent(
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

  /** Adds one, if it can be worked for. */
  public Repository add(Context ctx, Add asked) {
    Repository.Location location = location(asked.url());
    try {
      forge.connect(new Repository("repo_new", asked.name(), location));
    } catch (ForgeUnavailable e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    }
    return repositories.add(
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
  }

  /** Removes one; its runs are kept, what its secrets hold is not. */
  public void remove(Context ctx, Name name) {
    if (!repositories.remove(
        name,
        (s, gone) -> {
          onRecord.done(s, ctx, "repository.remove", gone.id(), name.value());
          Secrets.repositoryRemoved(s, gone.id(), gate.caller(ctx).user().id(), clock.instant());
        })) {
      throw unknown(name);
    }
  }

  /** The newest events before the one with the id {@code before}. */
  public List<InboxEvent> events(Repository repository, String before, long limit) {
    return database.read(s ->
        s.list(
            "SELECT * FROM event WHERE repository_id = ? AND id < ? ORDER BY id DESC LIMIT" + " ?",
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
  }

  /** The one of this name. */
  public Repository named(Name name) {
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

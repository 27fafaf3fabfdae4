package dev.holdfast.orchestrator.web;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.RefName;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.forge.Dialect;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.Token;
import dev.holdfast.orchestrator.forge.github.AppCalls;
import dev.holdfast.orchestrator.hold.Settled;
import dev.holdfast.orchestrator.link.Apps;
import dev.holdfast.orchestrator.link.Linked;
import dev.holdfast.orchestrator.link.Links;
import dev.holdfast.orchestrator.relay.Relay;
import dev.holdfast.orchestrator.repository.Organisations;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import io.javalin.http.Context;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** What people do with repositories at forges, however they ask for it. */
public final class ForgeActions {
  private static final long LONGEST_OVERLAP = Duration.ofDays(7).toSeconds();

  private final Database database;
  private final Repositories repositories;
  private final Linked linked;
  private final Forge forge;
  private final Function<Repository.Kind, Dialect> dialects;
  private final Relay relay;
  private final OnRecord onRecord;
  private final InstantSource clock;

  ForgeActions(
      Database database,
      Repositories repositories,
      Linked linked,
      Forge forge,
      Function<Repository.Kind, Dialect> dialects,
      Relay relay,
      OnRecord onRecord,
      InstantSource clock) {
    this.database = database;
    this.repositories = repositories;
    this.linked = linked;
    this.forge = forge;
    this.dialects = dialects;
    this.relay = relay;
    this.onRecord = onRecord;
    this.clock = clock;
  }

  /**
   * A repository to add.
   *
   * @param api where the forge's calls start, as {@code https://api.github.com}
   * @param repository as {@code owner/name}
   * @param app what shows itself to the forge instead of a token
   */
  public record Add(
      Name name,
      Repository.Kind kind,
      String api,
      String repository,
      Optional<String> token,
      Optional<Name> app,
      Optional<Name> organisation,
      Optional<Tier> floor) {
    /** Never its token: an exception or a log may print it. */
    @Override
    public String toString() {
      return "add " + repository + " as " + name;
    }
  }

  /**
   * What was added, the one time that the webhook's secret is known.
   *
   * @param settled what stands there and is vouched for by adding it
   * @param relay the whole address at which the forge reaches the hook by the relay, where there is
   *     one
   * @param relayProblem why the relay does not know that address yet, if it does not
   */
  public record Added(
      String id,
      Name name,
      String url,
      RefName branch,
      Optional<CommitId> settled,
      String hook,
      String secret,
      Optional<String> relay,
      Optional<String> relayProblem) {}

  /** A link as it was made, with its address at the relay. */
  record Reached(Links.Made made, Optional<String> relay) {}

  /**
   * @param overlapSeconds how long the old secret counts yet
   */
  public record Rotate(long overlapSeconds) {
    Duration overlap() {
      if (overlapSeconds < 0 || overlapSeconds > LONGEST_OVERLAP) {
        throw new Problem(400, "overlap-seconds: give 0 to " + LONGEST_OVERLAP);
      }
      return Duration.ofSeconds(overlapSeconds);
    }
  }

  /** See {@link Added}. */
  public record Rotated(
      String hook, String secret, Optional<String> relay, Optional<String> relayProblem) {
    static Rotated of(Reached now, Relay relay) {
      return new Rotated(now.made().hook(), now.made().secret(), now.relay(), problem(now, relay));
    }
  }

  static Optional<String> problem(Reached now, Relay relay) {
    return now.relay().isPresent() ? relay.settle() : Optional.empty();
  }

  /**
   * Adds one, if the forge lets it be worked for.
   *
   * @param answer tells whoever asked; if that fails, it is not added: nobody has its secret
   */
  public void add(Context ctx, Add asked, Consumer<Added> answer) {
    try {
      var host = new Repository.Host(asked.kind(), URI.create(asked.api()));
      Optional<Installed> installed =
          asked.app().isPresent()
              ? Optional.of(installed(asked.app().get(), host, asked))
              : Optional.empty();
      Optional<Token> token =
          installed.map(Installed::token).or(() -> asked.token().map(Token::new));
      Repository.Location.AtForge location =
          dialects.apply(host.kind()).find(host, asked.repository(), token);
      if (repositories.at(host, location.id()).isPresent()) {
        throw new Problem(
            409,
            asked.repository()
                + " was added already; for a new secret: holdfast repo webhook "
                + asked.name());
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
                    host.name() + " " + location.id(),
                    asked.organisation().map(name -> "of " + name).orElse("of no organisation"));
              });
      boolean good = false;
      try {
        answer.accept(link(added, asked.token(), installed));
        good = true;
      } finally {
        if (!good) {
          repositories.remove(
              asked.name(),
              (s, gone) ->
                  onRecord.done(s, ctx, "repository.remove", gone.id(), "it does not work"));
        }
      }
    } catch (ForgeUnavailable e) {
      throw new Problem(400, String.valueOf(e.getMessage()));
    }
  }

  /**
   * An app where it is installed.
   *
   * @param token with which the repository is found; not kept
   */
  private record Installed(Apps.App app, long installation, Token token) {}

  private Installed installed(Name name, Repository.Host host, Add asked) throws ForgeUnavailable {
    Apps.App app =
        linked
            .apps()
            .byName(name)
            .filter(found -> found.host().equals(host))
            .orElseThrow(() ->
                new Problem(
                    404, "there is no app " + name + " at " + host.name() + "; holdfast app list"));
    AppCalls.Self self = linked.apps().self(app);
    AppCalls.Installation there =
        linked.calls().installation(self, asked.repository(), clock.instant());
    if (!there.missing().isEmpty()) {
      throw new ForgeUnavailable(
          "the app "
              + name
              + " lacks "
              + String.join(" and ", there.missing())
              + " for "
              + asked.repository()
              + "; give it that, and have the owner accept it");
    }
    String inside = asked.repository().substring(asked.repository().indexOf('/') + 1);
    Token token =
        linked
            .calls()
            .mint(self, there.number(), new AppCalls.Scope.Named(inside), clock.instant())
            .token();
    return new Installed(app, there.number(), token);
  }

  private Added link(Repository added, Optional<String> token, Optional<Installed> installed)
      throws ForgeUnavailable {
    Reached now =
        database.write(s -> {
          Links.Made made =
              installed.isPresent()
                  ? linked
                      .links()
                      .make(s, added, installed.get().app(), installed.get().installation())
                  : linked.links().make(s, added, token);
          // What an app is installed on comes by the app's webhook.
          return new Reached(
              made, installed.isPresent() ? Optional.empty() : relay.address(s, made.source()));
        });
    // Asked with the token that is kept now: what does not work shows here, not with a push.
    RefName branch = forge.defaultBranch(added);
    Optional<CommitId> stands = forge.resolve(added, branch);
    if (stands.isPresent()) {
      database.write(s -> {
        Settled.found(s, added.id(), branch, stands.get(), clock.instant());
        return true;
      });
    }
    return new Added(
        added.id(),
        added.name(),
        added.location().url(),
        branch,
        stands,
        now.made().hook(),
        now.made().secret(),
        now.relay(),
        problem(now, relay));
  }

  /** Gives its webhook a new secret; the one before counts for {@code overlap} yet. */
  public Rotated rotate(Context ctx, Name name, Duration overlap) {
    Repository repository =
        repositories
            .byName(name)
            .orElseThrow(() -> new Problem(404, "there is no repository " + name));
    Reached now =
        database.write(s -> {
          onRecord.done(s, ctx, "webhook.rotate", repository.id());
          Optional<Links.Made> anew =
              linked.links().rotate(s, repository, overlap, clock.instant());
          // Plain git has none before somebody asks for one.
          Links.Made made =
              anew.isPresent() ? anew.get() : linked.links().make(s, repository, Optional.empty());
          return new Reached(made, relay.address(s, made.source()));
        });
    return Rotated.of(now, relay);
  }
}

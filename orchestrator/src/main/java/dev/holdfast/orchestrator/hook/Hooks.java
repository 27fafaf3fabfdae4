package dev.holdfast.orchestrator.hook;

import dev.holdfast.orchestrator.forge.Delivered;
import dev.holdfast.orchestrator.forge.Deliveries;
import dev.holdfast.orchestrator.forge.Dialect;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.Sent;
import dev.holdfast.orchestrator.forge.WebhookSecrets;
import dev.holdfast.orchestrator.link.Linked;
import dev.holdfast.orchestrator.link.Links;
import dev.holdfast.orchestrator.metric.Metrics;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The one way in for webhooks. Nothing of a body is believed before its signature was found good,
 * and nothing is answered as taken before it is on disk. Thread-safe.
 */
public final class Hooks {
  private static final String UNSIGNED = "none of the webhook's secrets signed it";

  private final Linked linked;
  private final Repositories repositories;
  private final Function<Repository.Kind, Dialect> dialects;
  private final PlainHooks plain;
  private final Deliveries deliveries;
  private final Metrics metrics;
  private final InstantSource clock;

  /** Checked where there is no such source, so that time does not tell which sources there are. */
  private final WebhookSecrets nobodys =
      new WebhookSecrets(
          List.of(new WebhookSecrets.Secret("no source has this secret", Optional.empty())));

  public Hooks(
      Linked linked,
      Repositories repositories,
      Forge forge,
      Function<Repository.Kind, Dialect> dialects,
      Deliveries deliveries,
      Metrics metrics,
      InstantSource clock) {
    this.linked = linked;
    this.repositories = repositories;
    this.dialects = dialects;
    this.plain = new PlainHooks(forge, deliveries, clock);
    this.deliveries = deliveries;
    this.metrics = metrics;
    this.clock = clock;
  }

  /**
   * Does what {@code sent} says, if it is to be believed. The same again does nothing.
   *
   * @param source where it arrived: the last part of the webhook's address
   * @throws ForgeUnavailable if it cannot be done now: whoever sent it must send it again
   * @throws dev.holdfast.orchestrator.db.StoreUnavailable likewise
   */
  public Hooked take(String source, Sent sent) throws ForgeUnavailable {
    Hooked became = became(source, sent);
    metrics.webhook(
        switch (became) {
          case Hooked.Accepted() -> "accepted";
          case Hooked.Ignored _ -> "ignored";
          case Hooked.Refused(var because, _) ->
              because == Hooked.Because.UNSIGNED ? "unsigned" : "refused";
        });
    return became;
  }

  private Hooked became(String at, Sent sent) throws ForgeUnavailable {
    Optional<Links.Source> source = linked.links().at(at);
    Optional<Repository> plainGit = source.flatMap(this::plain);
    if (plainGit.isPresent()) {
      Optional<String> refusal = source.flatMap(found -> plain.refusal(found.secrets(), sent));
      return refusal.isPresent()
          ? new Hooked.Refused(Hooked.Because.UNSIGNED, refusal.get())
          : plain.take(plainGit.get(), sent);
    }
    Optional<Repository.Host> host = source.flatMap(this::host);
    // Where there is no such source something is checked all the same.
    Dialect dialect =
        dialects.apply(host.map(Repository.Host::kind).orElse(Repository.Kind.GITHUB));
    Optional<String> refusal =
        dialect.refusal(source.map(Links.Source::secrets).orElse(nobodys), sent, clock.instant());
    if (refusal.isPresent() || source.isEmpty() || host.isEmpty()) {
      return new Hooked.Refused(Hooked.Because.UNSIGNED, refusal.orElse(UNSIGNED));
    }
    return believed(source.get(), host.get(), dialect, sent);
  }

  private Hooked believed(Links.Source from, Repository.Host host, Dialect dialect, Sent sent) {
    Delivered said = dialect.read(host, id -> ours(from, host, id), sent, clock.instant());
    return switch (said) {
      case Delivered.Happened(var event, var hands) -> {
        deliveries.happened(event, hands);
        yield new Hooked.Accepted();
      }
      case Delivered.Commented commented -> {
        deliveries.commented(host.name() + ":" + sent.digest(), commented);
        yield new Hooked.Accepted();
      }
      // A repository's webhook tells of every app's checks, with whatever they wrote into them.
      case Delivered.Again _ when from instanceof Links.Source.OfRepository ->
          new Hooked.Ignored("checks are an app's, and so is the webhook that tells of them");
      case Delivered.Again asked -> {
        deliveries.again(host.name() + ":" + sent.digest(), asked);
        yield new Hooked.Accepted();
      }
      case Delivered.AccessChanged(var person) -> {
        deliveries.accessChanged(host.name(), person);
        yield new Hooked.Accepted();
      }
      case Delivered.Ignored(var why) -> new Hooked.Ignored(why);
      // An app may be installed on more repositories than were added here.
      case Delivered.NotOurs(var id) when from instanceof Links.Source.OfApp ->
          new Hooked.Ignored(
              "the repository " + id + " was not added; holdfast repo add --app does that");
      case Delivered.NotOurs(var id) ->
          new Hooked.Refused(
              Hooked.Because.NOT_OURS,
              "this webhook is for another repository than "
                  + id
                  + "; take it away there, or give that one a webhook of its own");
      case Delivered.Refused(var why) -> new Hooked.Refused(Hooked.Because.UNREADABLE, why);
    };
  }

  /** The repository of {@code source}, if it is at no forge that Holdfast knows. */
  private Optional<Repository> plain(Links.Source source) {
    return source instanceof Links.Source.OfRepository of
        ? repositories
            .byId(of.repository())
            .filter(found -> !(found.location() instanceof Repository.Location.AtForge))
        : Optional.empty();
  }

  private Optional<Repository.Host> host(Links.Source source) {
    return switch (source) {
      case Links.Source.OfApp of -> Optional.of(of.app().host());
      case Links.Source.OfRepository of ->
          repositories
              .byId(of.repository())
              .filter(found -> found.location() instanceof Repository.Location.AtForge)
              .map(found -> ((Repository.Location.AtForge) found.location()).host());
    };
  }

  /** Holdfast's id of the repository with this id at the forge, if the source may speak of it. */
  private Optional<String> ours(Links.Source source, Repository.Host host, long id) {
    return repositories
        .at(host, id)
        .filter(found ->
            switch (source) {
              case Links.Source.OfApp of -> linked.links().linked(found, of.app());
              case Links.Source.OfRepository of -> found.id().equals(of.repository());
            })
        .map(Repository::id);
  }
}

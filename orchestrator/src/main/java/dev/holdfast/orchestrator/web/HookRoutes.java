package dev.holdfast.orchestrator.web;

import dev.holdfast.orchestrator.forge.Delivered;
import dev.holdfast.orchestrator.forge.Deliveries;
import dev.holdfast.orchestrator.forge.Dialect;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.Sent;
import dev.holdfast.orchestrator.forge.WebhookSecrets;
import dev.holdfast.orchestrator.link.Linked;
import dev.holdfast.orchestrator.link.Links;
import dev.holdfast.orchestrator.metric.Metrics;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where forges call. Nothing of a body is believed before its signature was found good, and nothing
 * is answered as taken before it is on disk.
 */
final class HookRoutes {
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

  HookRoutes(
      Linked linked,
      Repositories repositories,
      Function<Repository.Kind, Dialect> dialects,
      PlainHooks plain,
      Deliveries deliveries,
      Metrics metrics,
      InstantSource clock) {
    this.linked = linked;
    this.repositories = repositories;
    this.dialects = dialects;
    this.plain = plain;
    this.deliveries = deliveries;
    this.metrics = metrics;
    this.clock = clock;
  }

  /**
   * What became of a webhook.
   *
   * @param state {@code accepted} or {@code ignored}
   * @param reason why it was ignored
   */
  record Taken(String state, Optional<String> reason) {}

  void on(Router router) {
    router.signed(HandlerType.POST, "/hook/{source}", this::take);
  }

  private void take(Context ctx) throws ForgeUnavailable {
    var sent = new Sent(ctx.headerMap(), Http.bytes(ctx, Http.MOST_BODY));
    Optional<Links.Source> source = linked.links().at(ctx.pathParam("source"));
    Optional<Repository> plain = source.flatMap(this::plain);
    if (plain.isPresent()) {
      believed(source.flatMap(found -> this.plain.refusal(found.secrets(), sent)));
      this.plain.take(plain.get(), sent);
      accepted(ctx);
      return;
    }
    Optional<Repository.Host> host = source.flatMap(this::host);
    // Where there is no such source something is checked all the same.
    Dialect dialect =
        dialects.apply(host.map(Repository.Host::kind).orElse(Repository.Kind.GITHUB));
    Optional<String> refusal =
        dialect.refusal(source.map(Links.Source::secrets).orElse(nobodys), sent, clock.instant());
    believed(
        source.isEmpty() || host.isEmpty() ? refusal.or(() -> Optional.of(UNSIGNED)) : refusal);
    Links.Source from = source.orElseThrow();
    Delivered said =
        dialect.read(host.orElseThrow(), id -> ours(from, host.get(), id), sent, clock.instant());
    switch (said) {
      case Delivered.Happened(var event, var hands) -> {
        deliveries.happened(event, hands);
        accepted(ctx);
      }
      case Delivered.Commented commented -> {
        deliveries.commented(host.get().name() + ":" + sent.digest(), commented);
        accepted(ctx);
      }
      // A repository's webhook tells of every app's checks, with whatever they wrote into them.
      case Delivered.Again _ when from instanceof Links.Source.OfRepository ->
          ignored(ctx, "checks are an app's, and so is the webhook that tells of them");
      case Delivered.Again asked -> {
        deliveries.again(host.get().name() + ":" + sent.digest(), asked);
        accepted(ctx);
      }
      case Delivered.AccessChanged(var person) -> {
        deliveries.accessChanged(host.get().name(), person);
        accepted(ctx);
      }
      case Delivered.Ignored(var why) -> ignored(ctx, why);
      // An app may be installed on more repositories than were added here.
      case Delivered.NotOurs(var id) when from instanceof Links.Source.OfApp ->
          ignored(
              ctx, "the repository " + id + " was not added; holdfast repo add --app does that");
      case Delivered.NotOurs(var id) -> {
        metrics.webhook("refused");
        throw new Problem(
            422,
            "this webhook is for another repository than "
                + id
                + "; take it away there, or give that one a webhook of its own");
      }
      case Delivered.Refused(var why) -> {
        metrics.webhook("refused");
        throw new Problem(422, why);
      }
    }
  }

  private void believed(Optional<String> refusal) {
    if (refusal.isPresent()) {
      metrics.webhook("unsigned");
      throw new Problem(401, refusal.get());
    }
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

  private void ignored(Context ctx, String why) {
    metrics.webhook("ignored");
    Http.answer(ctx, 202, Taken.class, new Taken("ignored", Optional.of(why)));
  }

  private void accepted(Context ctx) {
    metrics.webhook("accepted");
    Http.answer(ctx, 202, Taken.class, new Taken("accepted", Optional.empty()));
  }
}

package dev.holdfast.orchestrator.web;

import dev.holdfast.model.digest.Sha256;
import dev.holdfast.orchestrator.forge.Delivered;
import dev.holdfast.orchestrator.forge.Deliveries;
import dev.holdfast.orchestrator.forge.Dialect;
import dev.holdfast.orchestrator.forge.WebhookSecrets;
import dev.holdfast.orchestrator.link.Links;
import dev.holdfast.orchestrator.metric.Metrics;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where forges call. Nothing of a body is believed before its signature was found good, and nothing
 * is answered as taken before it is on disk.
 */
final class HookRoutes {
  private static final String SIGNATURE = "X-Hub-Signature-256";

  /** Gitea and Forgejo send it as well, so that what was written for GitHub reads theirs. */
  private static final String KIND = "X-GitHub-Event";

  private final Links links;
  private final Repositories repositories;
  private final Function<Repository.Kind, Dialect> dialects;
  private final Deliveries deliveries;
  private final Metrics metrics;
  private final InstantSource clock;

  /** Checked where there is no such source, so that time does not tell which sources there are. */
  private final WebhookSecrets nobodys =
      new WebhookSecrets(
          List.of(new WebhookSecrets.Secret("no source has this secret", Optional.empty())));

  HookRoutes(
      Links links,
      Repositories repositories,
      Function<Repository.Kind, Dialect> dialects,
      Deliveries deliveries,
      Metrics metrics,
      InstantSource clock) {
    this.links = links;
    this.repositories = repositories;
    this.dialects = dialects;
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

  private void take(Context ctx) {
    byte[] body = Http.bytes(ctx, Http.MOST_BODY);
    Optional<Links.Source> source = links.at(ctx.pathParam("source"));
    Optional<String> refusal =
        source
            .map(Links.Source::secrets)
            .orElse(nobodys)
            .refusal(body, Optional.ofNullable(ctx.header(SIGNATURE)), clock.instant());
    if (source.isEmpty() || refusal.isPresent()) {
      metrics.webhook("unsigned");
      throw new Problem(401, refusal.orElse("none of the webhook's secrets signed it"));
    }
    Repository repository =
        repositories
            .byId(source.get().repository())
            .orElseThrow(() -> new Problem(401, "none of the webhook's secrets signed it"));
    if (!(repository.location() instanceof Repository.Location.AtForge at)) {
      throw new Problem(409, "the repository " + repository.name() + " is at no forge any more");
    }
    Delivered said =
        dialects
            .apply(at.host().kind())
            .read(
                at,
                repository.id(),
                Optional.ofNullable(ctx.header(KIND)).orElse(""),
                body,
                clock.instant());
    switch (said) {
      case Delivered.Happened(var event, var hands) -> {
        deliveries.happened(event, hands);
        accepted(ctx);
      }
      case Delivered.Commented commented -> {
        // The header with its id is not signed; the body is.
        String delivery = at.host().name() + ":" + HexFormat.of().formatHex(Sha256.of(body));
        deliveries.commented(delivery, commented);
        accepted(ctx);
      }
      case Delivered.AccessChanged(var person) -> {
        deliveries.accessChanged(at.host().name(), person);
        accepted(ctx);
      }
      case Delivered.Ignored(var why) -> {
        metrics.webhook("ignored");
        Http.answer(ctx, 202, Taken.class, new Taken("ignored", Optional.of(why)));
      }
      case Delivered.Refused(var why) -> {
        metrics.webhook("refused");
        throw new Problem(422, why);
      }
    }
  }

  private void accepted(Context ctx) {
    metrics.webhook("accepted");
    Http.answer(ctx, 202, Taken.class, new Taken("accepted", Optional.empty()));
  }
}

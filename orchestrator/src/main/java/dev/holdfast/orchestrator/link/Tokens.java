package dev.holdfast.orchestrator.link;

import dev.holdfast.orchestrator.forge.Credentials;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.Token;
import dev.holdfast.orchestrator.forge.github.AppCalls;
import dev.holdfast.orchestrator.repository.Repository;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The tokens that are shown to forges: what somebody gave, or what an app asks for, which is good
 * for one repository and an hour and is kept in memory alone. Thread-safe.
 */
public final class Tokens implements Credentials {
  /** So that none ends on its way. */
  private static final Duration SPARE = Duration.ofMinutes(5);

  private final Links links;
  private final Apps apps;
  private final AppCalls calls;
  private final InstantSource clock;
  private final Map<Asked, AppCalls.Minted> minted = new ConcurrentHashMap<>();

  private record Asked(String app, long installation, long repository) {}

  public Tokens(Links links, Apps apps, AppCalls calls, InstantSource clock) {
    this.links = links;
    this.apps = apps;
    this.calls = calls;
    this.clock = clock;
  }

  @Override
  public Optional<Token> token(Repository repository) throws ForgeUnavailable {
    Optional<Links.Shown> shown = links.shown(repository);
    if (shown.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        switch (shown.get()) {
          case Links.Shown.Given(var token) -> new Token(token);
          case Links.Shown.OfApp(var app, var installation) -> asked(repository, app, installation);
        });
  }

  private Token asked(Repository repository, Apps.App app, long installation)
      throws ForgeUnavailable {
    if (!(repository.location() instanceof Repository.Location.AtForge at)) {
      throw new ForgeUnavailable("repository " + repository.name() + " is at no forge any more");
    }
    var asked = new Asked(app.id(), installation, at.id());
    Instant now = clock.instant();
    AppCalls.Minted kept = minted.get(asked);
    if (kept == null || !now.isBefore(kept.until().minus(SPARE))) {
      kept = calls.mint(apps.self(app), installation, new AppCalls.Scope.Numbered(at.id()), now);
      minted.put(asked, kept);
    }
    return kept.token();
  }

  @Override
  public boolean any(Repository repository) {
    return links.shown(repository).isPresent();
  }

  /** Asks for every one anew: what an app may do has changed. */
  public void forget() {
    minted.clear();
  }
}

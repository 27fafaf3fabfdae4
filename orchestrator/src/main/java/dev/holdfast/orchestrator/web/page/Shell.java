package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.web.Gate;
import dev.holdfast.orchestrator.web.Router;
import dev.holdfast.orchestrator.web.Sessions;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What stands around every page.
 *
 * @param user whose session it is; empty for pages that anybody sees
 * @param csrf what its forms send along
 * @param theme {@code light}, {@code dark} or {@code auto}
 * @param here path and query, to come back to
 * @param live where it hears of changes; empty if it does not
 * @param now by our clock; null where that is not known
 */
record Shell(
    String title,
    List<Link> links,
    Optional<String> user,
    String csrf,
    String theme,
    String here,
    Optional<String> live,
    @Nullable Long now) {
  static final String THEME = "holdfast-theme";
  static final List<String> THEMES = List.of("auto", "light", "dark");

  /** A page that can be reached from all others. */
  private enum Entry {
    OVERVIEW("Overview", "/overview", Optional.of(Permission.VIEW), false),
    RUNS("Runs", "/runs", Optional.of(Permission.VIEW), false),
    HOLDS("Holds", "/holds", Optional.of(Permission.VIEW), false),
    AGENTS("Agents", "/agents", Optional.of(Permission.VIEW), true),
    EGRESS("Egress", "/egress", Optional.of(Permission.VIEW), false),
    SETTINGS("Settings", "/settings", Optional.empty(), false);

    private final String word;
    private final String path;

    /** What one has to have somewhere to see it; empty if to be signed in is enough. */
    private final Optional<Permission> needs;

    /** Whether one has to have it for the whole installation. */
    private final boolean everywhere;

    Entry(String word, String path, Optional<Permission> needs, boolean everywhere) {
      this.word = word;
      this.path = path;
      this.needs = needs;
      this.everywhere = everywhere;
    }

    boolean isFor(Caller caller) {
      return needs.isEmpty()
          || (everywhere
              ? caller.may(needs.get(), Optional.empty())
              : caller.maySomewhere(needs.get()));
    }
  }

  /**
   * @param current whether the page is that one, or below it
   */
  record Link(String word, String path, boolean current) {}

  /** Around a page that is not live. */
  static Shell of(Context ctx, String title) {
    Optional<Caller> caller = Gate.known(ctx);
    List<Link> links =
        caller.stream()
            .flatMap(c -> List.of(Entry.values()).stream().filter(e -> e.isFor(c)))
            .map(e -> new Link(e.word, e.path, ctx.path().startsWith(e.path)))
            .toList();
    String query = ctx.queryString();
    Optional<Instant> asked = Router.asked(ctx);
    return new Shell(
        title,
        links,
        caller.map(c -> c.user().name().value()),
        caller.isPresent() ? Sessions.field(ctx) : "",
        theme(ctx),
        ctx.path() + (query == null ? "" : "?" + query),
        Optional.empty(),
        asked.isPresent() ? asked.get().toEpochMilli() : null);
  }

  /** The same, which hears of changes at {@code path}. */
  Shell live(String path) {
    return new Shell(title, links, user, csrf, theme, here, Optional.of(path), now);
  }

  private static String theme(Context ctx) {
    return Optional.ofNullable(ctx.cookie(THEME)).filter(THEMES::contains).orElse("auto");
  }
}

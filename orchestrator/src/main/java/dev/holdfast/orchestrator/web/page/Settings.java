package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.web.Gate;
import io.javalin.http.Context;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What stands around every page of settings.
 *
 * @param links to the others that whoever looks may see
 */
record Settings(Shell shell, List<Shell.Link> links) {
  static final String PATH = "/settings";

  private enum Entry {
    REPOSITORIES("Repositories", "repositories", Optional.of(Permission.VIEW), false),
    POLICY("Policy", "policy", Optional.of(Permission.VIEW), true),
    AUDIT("Audit log", "audit", Optional.of(Permission.READ_AUDIT), true);

    private final String word;
    private final String path;

    /** As {@link Shell}'s. */
    private final Optional<Permission> needs;

    private final boolean everywhere;

    Entry(String word, String path, Optional<Permission> needs, boolean everywhere) {
      this.word = word;
      this.path = PATH + "/" + path;
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

  /** Around a page whose address begins with {@code current}. */
  static Settings of(Context ctx, String title, String current) {
    List<Shell.Link> links =
        Gate.known(ctx).stream()
            .flatMap(caller -> Arrays.stream(Entry.values()).filter(entry -> entry.isFor(caller)))
            .map(entry ->
                new Shell.Link(entry.word, entry.path, entry.path.equals(PATH + "/" + current)))
            .toList();
    return new Settings(Shell.of(ctx, title), links);
  }
}

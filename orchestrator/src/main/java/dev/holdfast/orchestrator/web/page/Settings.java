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
 * @param groups of links to the others that whoever looks may see
 */
record Settings(Shell shell, List<List<Shell.Link>> groups) {
  static final String PATH = "/settings";

  /** What pages of settings are about. */
  private enum Group {
    CODE,
    PEOPLE,
    MACHINES,
    RECORD,
    SELF
  }

  private enum Entry {
    REPOSITORIES(Group.CODE, "Repositories", "repositories", Optional.of(Permission.VIEW), false),
    ORGANISATIONS(Group.CODE, "Organisations", "organisations", Optional.of(Permission.VIEW), true),
    POLICY(Group.CODE, "Policy", "policy", Optional.of(Permission.VIEW), true),
    USERS(Group.PEOPLE, "Users", "users", Optional.of(Permission.MANAGE_USERS), true),
    TEAMS(Group.PEOPLE, "Teams", "teams", Optional.of(Permission.MANAGE_USERS), true),
    GRANTS(Group.PEOPLE, "Who may what", "grants", Optional.of(Permission.MANAGE_USERS), false),
    AGENTS(Group.MACHINES, "Agents' tokens", "agents", Optional.of(Permission.MANAGE_AGENTS), true),
    AUDIT(Group.RECORD, "Audit log", "audit", Optional.of(Permission.READ_AUDIT), true),
    ACCOUNT(Group.SELF, "You", "account", Optional.empty(), false),
    TOKENS(Group.SELF, "Tokens", "tokens", Optional.empty(), false);

    private final Group group;
    private final String word;
    private final String path;

    /** As {@link Shell}'s. */
    private final Optional<Permission> needs;

    private final boolean everywhere;

    Entry(Group group, String word, String path, Optional<Permission> needs, boolean everywhere) {
      this.group = group;
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
    Optional<Caller> caller = Gate.known(ctx);
    List<List<Shell.Link>> groups =
        Arrays.stream(Group.values())
            .map(group ->
                Arrays.stream(Entry.values())
                    .filter(entry -> entry.group == group)
                    .filter(entry -> caller.filter(entry::isFor).isPresent())
                    .map(entry ->
                        new Shell.Link(
                            entry.word, entry.path, entry.path.equals(PATH + "/" + current)))
                    .toList())
            .filter(links -> !links.isEmpty())
            .toList();
    return new Settings(Shell.of(ctx, title), groups);
  }

  /** The links of all groups. */
  List<Shell.Link> links() {
    return groups.stream().flatMap(List::stream).toList();
  }

  /** Whether whoever looks may see the page at this path. */
  boolean leadsTo(String path) {
    return links().stream().anyMatch(link -> link.path().equals(PATH + "/" + path));
  }
}

package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.access.Permission;
import dev.holdfast.model.definition.Name;
import dev.holdfast.orchestrator.access.Caller;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.web.Http;
import io.javalin.http.Context;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whose settings a page shows: a repository's, an organisation's, or, where neither is named, the
 * installation's.
 *
 * @param tabs the pages about it that whoever looks may see
 */
record Place(Optional<String> repository, Optional<String> organisation, List<Shell.Link> tabs) {
  private enum Tab {
    ENVIRONMENTS("Environments", "environments", Permission.VIEW),
    SECRETS("Secrets", "secrets", Permission.VIEW_SECRETS),
    POLICY("Policy", "policy", Permission.VIEW);

    private final String word;
    private final String path;
    private final Permission needs;

    Tab(String word, String path, Permission needs) {
      this.word = word;
      this.path = path;
      this.needs = needs;
    }
  }

  /** Of a repository. */
  static Place of(Repository repository, Caller caller, String current) {
    return of(
        Optional.of(repository.name().value()),
        Optional.empty(),
        caller,
        Optional.of(repository.id()),
        current);
  }

  /**
   * Of what the query names.
   *
   * @param current the page's part of the path
   */
  static Place asked(Context ctx, Repositories repositories, Caller caller, String current) {
    Optional<String> repository = Http.query(ctx, "repository");
    Optional<String> organisation = Http.query(ctx, "organisation");
    return of(
        repository,
        repository.isPresent() ? Optional.empty() : organisation,
        caller,
        repository.flatMap(name -> repositories.byName(new Name(name))).map(Repository::id),
        current);
  }

  /** Of an organisation. */
  static Place ofOrganisation(String name, Caller caller) {
    return of(Optional.empty(), Optional.of(name), caller, Optional.empty(), "");
  }

  private static Place of(
      Optional<String> repository,
      Optional<String> organisation,
      Caller caller,
      Optional<String> id,
      String current) {
    var bare = new Place(repository, organisation, List.of());
    var tabs = new ArrayList<Shell.Link>();
    if (repository.isPresent() && caller.may(Permission.VIEW, id)) {
      String own = Settings.PATH + "/repositories/" + encoded(repository.get());
      tabs.add(new Shell.Link("General", own, current.isEmpty()));
    }
    if (repository.isPresent() || organisation.isPresent()) {
      for (Tab tab : Tab.values()) {
        if (caller.may(tab.needs, id)) {
          tabs.add(new Shell.Link(tab.word, bare.way(tab.path), tab.path.equals(current)));
        }
      }
    }
    return new Place(repository, organisation, List.copyOf(tabs));
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** What people call it. */
  String word() {
    return repository.or(() -> organisation).orElse("The installation");
  }

  /** The part of the settings that it belongs to. */
  String entry() {
    return organisation.isPresent() ? "organisations" : "repositories";
  }

  /** The page of settings at {@code path} that is about it. */
  String way(String path) {
    return Settings.PATH + "/" + path + query();
  }

  /** What its pages and forms have behind their path, to name it. */
  String query() {
    return repository
        .map(name -> "?repository=" + encoded(name))
        .or(() -> organisation.map(name -> "?organisation=" + encoded(name)))
        .orElse("");
  }
}

package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.event.CommitId;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.util.Optional;

/** Pages of forges that say more, for people to go to; nothing of them is ever loaded. */
final class Elsewhere {
  private Elsewhere() {}

  /** Where a forge shows how {@code to} differs from {@code from}, by the commits themselves. */
  static Optional<String> compare(Repository repository, CommitId from, CommitId to) {
    if (!(repository.location() instanceof Repository.Location.AtForge at)) {
      return Optional.empty();
    }
    return base(at.git())
        .map(base ->
            switch (at.host().kind()) {
                  case GITHUB, GITEA -> base + "/compare/";
                  case GITLAB -> base + "/-/compare/";
                }
                + from
                + "..."
                + to);
  }

  /** The address of the repository's page: the one that git is given, without its ending. */
  private static Optional<String> base(URI git) {
    if (git.getHost() == null
        || !("https".equals(git.getScheme()) || "http".equals(git.getScheme()))) {
      return Optional.empty();
    }
    String text = git.toString();
    return Optional.of(
        text.endsWith(".git") ? text.substring(0, text.length() - ".git".length()) : text);
  }
}

package dev.holdfast.orchestrator.forge;

import dev.holdfast.git.Git;
import dev.holdfast.git.GitFailed;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.Quote;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ref that has a new place.
 *
 * @param ref full name; hostile text
 * @param before empty if it is new
 */
record RefUpdate(String ref, Optional<CommitId> before, CommitId after) {
  private static final Logger LOG = LoggerFactory.getLogger(RefUpdate.class);
  private static final String BRANCHES = "refs/heads/";
  private static final String TAGS = "refs/tags/";

  /**
   * What that means; empty if it starts nothing.
   *
   * @param gitDir a repository on this host that has both commits
   */
  Optional<Happening> happening(Git git, Path gitDir, String repository) throws GitFailed {
    if (ref.startsWith(BRANCHES)) {
      Optional<RefName> name = name(BRANCHES, repository);
      if (name.isEmpty()) {
        return Optional.empty();
      }
      boolean forced = before.isPresent() && !git.isAncestor(gitDir, before.get(), after);
      return Optional.of(new Happening.Push(name.get(), after, before, forced));
    }
    if (!ref.startsWith(TAGS)) {
      return Optional.empty();
    }
    // An annotated tag is an object of its own, so that the commit has to be asked for.
    Optional<CommitId> commit = git.resolve(gitDir, ref);
    if (commit.isEmpty()) {
      LOG.warn("repository {}: {} is passed over: it names no commit", repository, Quote.of(ref));
      return Optional.empty();
    }
    return new RefUpdate(ref, before, commit.get()).tag(repository);
  }

  /** What it means that a tag is at the commit {@link #after}. */
  Optional<Happening> tag(String repository) {
    return name(TAGS, repository).map(name -> new Happening.Tag(name, after));
  }

  private Optional<RefName> name(String prefix, String repository) {
    try {
      return Optional.of(new RefName(ref.substring(prefix.length())));
    } catch (IllegalArgumentException e) {
      LOG.warn("repository {}: a push is passed over: {}", repository, e.getMessage());
      return Optional.empty();
    }
  }
}

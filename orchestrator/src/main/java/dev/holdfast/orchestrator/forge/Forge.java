package dev.holdfast.orchestrator.forge;

import dev.holdfast.git.Upload;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trigger.ChangedFiles;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import dev.holdfast.orchestrator.repository.Repository;
import java.util.Optional;

/**
 * Where repositories live. Shaped for plain git, GitHub, Gitea, Forgejo and GitLab alike; all calls
 * may block on disk or network and are safe to make from many threads.
 *
 * <p>What cannot be asked is a {@link ForgeUnavailable}, and the caller tries again later; what the
 * forge answers that cannot be is a value or an empty {@link Optional}.
 */
public interface Forge {
  /**
   * The files of {@code .holdfast/} at a commit.
   *
   * @throws ForgeUnavailable if the repository or the commit cannot be read now
   */
  DefinitionFiles definitionFiles(Repository repository, CommitId commit) throws ForgeUnavailable;

  /** What {@code happening} changed; unknown rather than wrong. */
  ChangedFiles changedFiles(Repository repository, Happening happening) throws ForgeUnavailable;

  /** The files that differ between two commits; unknown rather than wrong. */
  ChangedFiles changedFiles(Repository repository, CommitId from, CommitId to)
      throws ForgeUnavailable;

  /** As much of a commit's message as is kept, in bytes. */
  int MOST_MESSAGE = 16 * 1024;

  /**
   * What the author of a commit wrote of it, at most {@link #MOST_MESSAGE} bytes: somebody's text,
   * and true of nothing. Empty where the forge keeps no commits.
   */
  default Optional<String> message(Repository repository, CommitId commit) throws ForgeUnavailable {
    return Optional.empty();
  }

  /** Whether {@code newer} is {@code older} or has it among what came before it. */
  boolean descends(Repository repository, CommitId older, CommitId newer) throws ForgeUnavailable;

  /** The commit that a branch or tag is at; empty if there is none of this name. */
  Optional<CommitId> resolve(Repository repository, RefName ref) throws ForgeUnavailable;

  /**
   * Makes ready to work for {@code repository}, which is about to be added; once more does nothing.
   *
   * @throws ForgeUnavailable if it cannot be worked for, with the mend
   */
  default void connect(Repository repository) throws ForgeUnavailable {}

  /**
   * Exactly this commit, for a client of git.
   *
   * @throws ForgeUnavailable if it cannot be had now
   */
  default Upload upload(Repository repository, CommitId commit) throws ForgeUnavailable {
    throw new ForgeUnavailable("repository " + repository.name() + ": its forge serves no sources");
  }

  /** The branch that schedules and manual starts use where none is named. */
  RefName defaultBranch(Repository repository) throws ForgeUnavailable;
}

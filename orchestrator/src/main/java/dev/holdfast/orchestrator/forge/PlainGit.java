package dev.holdfast.orchestrator.forge;

import dev.holdfast.git.Git;
import dev.holdfast.git.GitFailed;
import dev.holdfast.git.GitTooLarge;
import dev.holdfast.git.Remote;
import dev.holdfast.git.Upload;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trigger.ChangedFiles;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import dev.holdfast.orchestrator.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Repositories that are plain git: a bare one on this host, read where it is, or a remote one, read
 * through a mirror that gets commits as they are asked for. Thread-safe.
 */
public final class PlainGit implements Forge {
  private static final String FOLDER = ".holdfast";
  private static final String BRANCHES = "refs/heads/";

  private final Git git;
  private final Path mirrors;
  private final Object making = new Object();
  private final Credentials credentials;

  /**
   * @param mirrors where mirrors of remote repositories are kept, one folder each
   */
  public PlainGit(Git git, Path mirrors) {
    this(git, mirrors, repository -> Optional.empty());
  }

  /**
   * As {@link #PlainGit(Git, Path)}.
   *
   * @param credentials shown to the forges of repositories that are at one
   */
  public PlainGit(Git git, Path mirrors, Credentials credentials) {
    this.git = git;
    this.mirrors = mirrors;
    this.credentials = credentials;
  }

  /** Git, with what it has to show for this repository. */
  private Git git(Repository repository) throws GitFailed {
    if (!(repository.location() instanceof Repository.Location.AtForge
        && remote(repository) instanceof Remote.Server server)) {
      return git;
    }
    try {
      return credentials
          .token(repository)
          .map(token -> git.with(token.value(), server))
          .orElse(git);
    } catch (ForgeUnavailable e) {
      throw new GitFailed(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public DefinitionFiles definitionFiles(Repository repository, CommitId commit)
      throws ForgeUnavailable {
    return asking(
        repository,
        () -> {
          Path gitDir = holding(repository, commit);
          try {
            return new DefinitionFiles(
                git.readFolder(gitDir, commit, FOLDER, DefinitionFiles.MOST_BYTES));
          } catch (GitTooLarge e) {
            return new DefinitionFiles(
                Map.of(), Optional.of(e.getMessage() + "; keep only workflows there"));
          }
        });
  }

  @Override
  public ChangedFiles changedFiles(Repository repository, Happening happening)
      throws ForgeUnavailable {
    if (!(happening instanceof Happening.Push push)) {
      return new ChangedFiles.Unknown("only a push to a branch says what it changed");
    }
    if (push.before().isEmpty()) {
      return new ChangedFiles.Unknown("the branch is new");
    }
    return asking(
        repository,
        () -> {
          Path gitDir = holding(repository, push.commit());
          CommitId before = push.before().get();
          if (!(repository.location() instanceof Repository.Location.OnDisk)
              && !has(gitDir, before)) {
            try {
              git(repository).fetch(gitDir, remote(repository), BRANCHES + push.ref(), before);
            } catch (GitFailed e) {
              return new ChangedFiles.Unknown("the commit before it cannot be fetched any more");
            }
          }
          return between(gitDir, before, push.commit());
        });
  }

  @Override
  public ChangedFiles changedFiles(Repository repository, CommitId from, CommitId to)
      throws ForgeUnavailable {
    return asking(
        repository,
        () -> {
          holding(repository, from);
          return between(holding(repository, to), from, to);
        });
  }

  @Override
  public Optional<String> message(Repository repository, CommitId commit) throws ForgeUnavailable {
    return asking(repository, () -> git.message(holding(repository, commit), commit, MOST_MESSAGE));
  }

  @Override
  public boolean descends(Repository repository, CommitId older, CommitId newer)
      throws ForgeUnavailable {
    return asking(repository, () -> git.isAncestor(holding(repository, newer), older, newer));
  }

  private ChangedFiles between(Path gitDir, CommitId from, CommitId to) throws GitFailed {
    Optional<List<String>> paths = git.changedFiles(gitDir, from, to, MOST_CHANGED);
    return paths.isPresent()
        ? new ChangedFiles.Known(paths.get())
        : new ChangedFiles.Unknown(
            "more than "
                + MOST_CHANGED
                + " files changed, or the commit before it is not there any more");
  }

  /** Above it, path filters let everything through, as the model does. */
  private static final int MOST_CHANGED = 3000;

  @Override
  public Optional<CommitId> resolve(Repository repository, RefName ref) throws ForgeUnavailable {
    return asking(
        repository,
        () ->
            switch (repository.location()) {
              case Repository.Location.OnDisk(Path path) -> {
                Optional<CommitId> branch = git.resolve(path, BRANCHES + ref);
                yield branch.isPresent() ? branch : git.resolve(path, "refs/tags/" + ref);
              }
              case Repository.Location.Remote _, Repository.Location.AtForge _ -> {
                Map<String, CommitId> refs =
                    git(repository).refs(remote(repository), mirror(repository));
                CommitId branch = refs.get(BRANCHES + ref);
                yield Optional.ofNullable(branch != null ? branch : refs.get("refs/tags/" + ref));
              }
            });
  }

  @Override
  public Upload upload(Repository repository, CommitId commit) throws ForgeUnavailable {
    return asking(repository, () -> git.upload(holding(repository, commit), commit));
  }

  @Override
  public void connect(Repository repository) throws ForgeUnavailable {
    switch (repository.location()) {
      case Repository.Location.OnDisk(Path path) -> {
        try {
          Hook.install(path);
        } catch (IOException e) {
          throw new ForgeUnavailable(String.valueOf(e.getMessage()), e);
        }
      }
      case Repository.Location.Remote _, Repository.Location.AtForge _ ->
          asking(
              repository,
              () -> {
                try {
                  return git(repository).refs(remote(repository), Files.createDirectories(mirrors));
                } catch (IOException e) {
                  throw new GitFailed("cannot make " + mirrors + ": " + e.getMessage(), e);
                }
              });
    }
  }

  @Override
  public RefName defaultBranch(Repository repository) throws ForgeUnavailable {
    return asking(
        repository,
        () -> {
          String full =
              switch (repository.location()) {
                case Repository.Location.OnDisk(Path path) -> git.defaultBranch(path);
                case Repository.Location.Remote _, Repository.Location.AtForge _ ->
                    git(repository).defaultBranch(remote(repository), mirror(repository));
              };
          try {
            return new RefName(full.substring(full.startsWith(BRANCHES) ? BRANCHES.length() : 0));
          } catch (IllegalArgumentException e) {
            throw new GitFailed("its HEAD names no branch: " + e.getMessage(), e);
          }
        });
  }

  /** The mirror of a remote repository, made if it is not there. */
  Path mirror(Repository repository) throws GitFailed {
    Path mirror = mirrors.resolve(repository.id() + ".git");
    // Two at once would each find the other's lock on its configuration, and fail.
    synchronized (making) {
      git.initMirror(mirror);
    }
    return mirror;
  }

  /** What git fetches a repository from. */
  static Remote remote(Repository repository) throws GitFailed {
    try {
      return Remote.of(repository.location().url());
    } catch (IllegalArgumentException e) {
      throw new GitFailed(String.valueOf(e.getMessage()), e);
    }
  }

  /** A repository on this host that has {@code commit}. */
  private Path holding(Repository repository, CommitId commit) throws GitFailed {
    return switch (repository.location()) {
      case Repository.Location.OnDisk(Path path) -> path;
      case Repository.Location.Remote _, Repository.Location.AtForge _ -> {
        Path mirror = mirror(repository);
        if (!has(mirror, commit)) {
          Remote remote = remote(repository);
          // Servers that give no commit by its hash give it by a ref that is at it.
          String ref =
              git(repository).refs(remote, mirror).entrySet().stream()
                  .filter(r -> r.getValue().equals(commit))
                  .map(Map.Entry::getKey)
                  .findFirst()
                  .orElse(BRANCHES + "HEAD");
          git(repository).fetch(mirror, remote, ref, commit);
        }
        yield mirror;
      }
    };
  }

  /** Whether it was fetched and is kept. */
  private static boolean has(Path mirror, CommitId commit) {
    return Files.exists(mirror.resolve("refs/holdfast/" + commit));
  }

  private interface Question<T> {
    T ask() throws GitFailed;
  }

  private static <T> T asking(Repository repository, Question<T> question) throws ForgeUnavailable {
    try {
      return question.ask();
    } catch (GitFailed e) {
      throw new ForgeUnavailable("repository " + repository.name() + ": " + e.getMessage(), e);
    }
  }
}

package dev.holdfast.orchestrator.forge;

import dev.holdfast.git.Git;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.repository.Repository.Location;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of pushes to plain git repositories: by a hook and its spool where the repository is on
 * this host, by polling where it is not. Thread-safe.
 */
public final class PlainGitWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PlainGitWatch.class);

  private final SpoolWatcher spools;
  private final Poller poller;
  private final Map<String, Repository> watched = new HashMap<>();

  /**
   * @param folder for what must be remembered of polled repositories
   * @param every how often to poll
   */
  public PlainGitWatch(
      Git git, PlainGit forge, Intake intake, Path folder, Duration every, InstantSource clock)
      throws IOException {
    this.spools = new SpoolWatcher(git, intake);
    this.poller = new Poller(git, forge, intake, new SeenFiles(folder), every, clock);
  }

  /** Watches exactly these from now on. */
  public synchronized void watch(List<Repository> repositories) throws InterruptedException {
    var gone = new HashMap<>(watched);
    for (Repository repository : repositories) {
      gone.remove(repository.id());
      if (watched.putIfAbsent(repository.id(), repository) == null) {
        begin(repository);
      }
    }
    for (Repository repository : gone.values()) {
      watched.remove(repository.id());
      end(repository, repositories);
    }
  }

  /** Looks at a repository now, if it is one that is polled. */
  public void look(String repositoryId) {
    poller.look(repositoryId);
  }

  private void begin(Repository repository) {
    switch (repository.location()) {
      case Location.OnDisk(Path path) -> {
        try {
          Hook.install(path);
        } catch (IOException e) {
          // Perhaps its disk is away. What lies in its spool is brought when it is back.
          LOG.warn("repository {}: no hook: {}", repository.name(), e.getMessage());
        }
        spools.watch(repository, path);
      }
      case Location.Remote _ -> poller.watch(repository);
      // Its webhooks say what happens, and who did it.
      case Location.AtForge _ -> {}
    }
  }

  private void end(Repository repository, List<Repository> left) throws InterruptedException {
    switch (repository.location()) {
      case Location.OnDisk(Path path) -> {
        spools.forget(repository.id());
        if (left.stream().anyMatch(r -> r.location().equals(repository.location()))) {
          return;
        }
        try {
          Hook.remove(path);
        } catch (IOException e) {
          LOG.warn("repository {}: the hook stays: {}", repository.name(), e.getMessage());
        }
      }
      case Location.Remote _ -> poller.forget(repository.id());
      case Location.AtForge _ -> {}
    }
  }

  @Override
  public void close() throws IOException {
    poller.close();
    spools.close();
  }
}

package dev.holdfast.orchestrator.forge;

import dev.holdfast.git.Git;
import dev.holdfast.orchestrator.repository.Repository;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the pushes that {@link Hook}s noted to an {@link Intake}: at once, because the kernel says
 * when a file comes; after a start and now and then in any case, so that nothing depends on that.
 * Each repository has a thread of its own, so that none waits for another. Thread-safe.
 */
public final class SpoolWatcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolWatcher.class);

  /** A safety net only; also how soon a repository is seen that had vanished. */
  private static final Duration RESCAN = Duration.ofSeconds(5);

  private final Git git;
  private final Intake intake;
  private final Duration rescan;
  private final WatchService service;
  private final Thread thread;
  private final Map<String, SpoolWorker> workers = new ConcurrentHashMap<>();
  private final Map<WatchKey, SpoolWorker> keys = new ConcurrentHashMap<>();

  public SpoolWatcher(Git git, Intake intake) throws IOException {
    this(git, intake, RESCAN);
  }

  SpoolWatcher(Git git, Intake intake, Duration rescan) throws IOException {
    this.git = git;
    this.intake = intake;
    this.rescan = rescan;
    this.service = FileSystems.getDefault().newWatchService();
    this.thread = Thread.ofPlatform().daemon().name("spool-watcher").start(this::listen);
  }

  /** Watches {@code repository}, and brings what already lies there. Once more does nothing. */
  public void watch(Repository repository, Path bareRepo) {
    workers.computeIfAbsent(
        repository.id(),
        id -> {
          var spool = new Spool(repository, bareRepo, git, intake);
          return SpoolWorker.start(spool, repository.name().value(), rescan, this::register);
        });
  }

  /** Stops watching the repository of this id; when this returns, no event of it is under way. */
  public void forget(String repositoryId) throws InterruptedException {
    SpoolWorker worker = workers.remove(repositoryId);
    if (worker != null) {
      keys.values().removeIf(worker::equals);
      worker.stop();
    }
  }

  private WatchKey register(SpoolWorker worker, Path folder) throws IOException {
    WatchKey key = folder.register(service, StandardWatchEventKinds.ENTRY_CREATE);
    keys.put(key, worker);
    return key;
  }

  private void listen() {
    try {
      while (true) {
        WatchKey key = service.take();
        SpoolWorker worker = keys.get(key);
        boolean news = key.pollEvents().stream().anyMatch(SpoolWatcher::isNews);
        boolean valid = key.reset();
        if (!valid || worker == null) {
          keys.remove(key);
        }
        if (worker != null && (news || !valid)) {
          worker.wake();
        }
      }
    } catch (ClosedWatchServiceException e) {
      LOG.debug("the spool watcher is closed");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A hook's half-written files start with a dot. */
  private static boolean isNews(WatchEvent<?> event) {
    return event.kind().equals(StandardWatchEventKinds.OVERFLOW)
        || !String.valueOf(event.context()).startsWith(".");
  }

  /** Ends all threads; an event that is under way is brought to its end. */
  @Override
  public void close() throws IOException {
    service.close();
    try {
      for (String id : workers.keySet()) {
        forget(id);
      }
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

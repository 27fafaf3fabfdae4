package dev.holdfast.orchestrator.forge;

import dev.holdfast.git.Git;
import dev.holdfast.git.GitFailed;
import dev.holdfast.git.Remote;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.orchestrator.repository.Repository;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks remote repositories now and then where their branches and tags are, and brings what changed
 * to an {@link Intake}. What is there when a repository is first asked starts nothing. Thread-safe;
 * each repository has a thread of its own.
 */
public final class Poller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Poller.class);

  /** Remembers what was seen, durably. */
  public interface Seen {
    /** What was last kept for the repository of this id; empty if nothing was. */
    Optional<Snapshot> last(String repositoryId) throws Exception;

    /** Keeps it in the place of the last. */
    void keep(String repositoryId, Snapshot snapshot) throws Exception;
  }

  /**
   * Where refs were.
   *
   * @param number counts up with each one kept, so that a ref that comes and goes and comes again
   *     is a new event each time
   * @param refs by full name
   */
  public record Snapshot(long number, Map<String, CommitId> refs) {
    public Snapshot {
      refs = Map.copyOf(refs);
    }
  }

  /**
   * @param look a permit for each time that somebody asks to have it looked at now
   */
  private record Worker(Thread thread, CountDownLatch stop, Semaphore look) {}

  private final Git git;
  private final PlainGit forge;
  private final Intake intake;
  private final Seen seen;
  private final Duration every;
  private final InstantSource clock;
  private final Map<String, Worker> workers = new ConcurrentHashMap<>();

  public Poller(
      Git git, PlainGit forge, Intake intake, Seen seen, Duration every, InstantSource clock) {
    this.git = git;
    this.forge = forge;
    this.intake = intake;
    this.seen = seen;
    this.every = every;
    this.clock = clock;
  }

  /** Asks {@code repository} now, and from now on. Once more does nothing. */
  public void watch(Repository repository) {
    workers.computeIfAbsent(
        repository.id(),
        id -> {
          var stop = new CountDownLatch(1);
          var look = new Semaphore(0);
          return new Worker(
              Thread.ofVirtual()
                  .name("poll-" + repository.name())
                  .start(() -> run(repository, stop, look)),
              stop,
              look);
        });
  }

  /** Asks it now, if it is watched, and not only when its time comes; returns at once. */
  public void look(String repositoryId) {
    Worker worker = workers.get(repositoryId);
    if (worker != null) {
      worker.look().release();
    }
  }

  /** Stops asking; when this returns, no event of the repository is under way. */
  public void forget(String repositoryId) throws InterruptedException {
    Worker worker = workers.remove(repositoryId);
    if (worker != null) {
      worker.stop().countDown();
      worker.look().release();
      worker.thread().join();
    }
  }

  private void run(Repository repository, CountDownLatch stop, Semaphore look) {
    boolean failing = false;
    try {
      do {
        try {
          poll(repository);
          if (failing) {
            LOG.info("repository {}: it answers again", repository.name());
          }
          failing = false;
        } catch (InterruptedException e) {
          throw e;
        } catch (Exception e) {
          if (!failing) {
            LOG.warn(
                "repository {}: cannot be asked, and is asked again: {}",
                repository.name(),
                e.getMessage());
          }
          failing = true;
        }
        if (look.tryAcquire(every.toNanos(), TimeUnit.NANOSECONDS)) {
          look.drainPermits(); // one look serves all who asked until now
        }
      } while (stop.getCount() > 0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks once. What was not kept to the end is found again, with the same delivery ids. */
  void poll(Repository repository) throws Exception {
    Path mirror = forge.mirror(repository);
    Remote remote = PlainGit.remote(repository);
    Map<String, CommitId> now = git.refs(remote, mirror);
    Optional<Snapshot> last = seen.last(repository.id());
    if (last.isEmpty()) {
      seen.keep(repository.id(), new Snapshot(1, now));
      return;
    }
    Map<String, CommitId> before = last.get().refs();
    if (now.equals(before)) {
      return;
    }
    for (var ref : now.entrySet()) {
      var update =
          new RefUpdate(
              ref.getKey(), Optional.ofNullable(before.get(ref.getKey())), ref.getValue());
      if (!update.before().equals(Optional.of(update.after()))) {
        Optional<Happening> happening = happening(repository, mirror, remote, update);
        if (happening.isPresent()) {
          intake.accept(
              new Event(
                  delivery(last.get().number(), update),
                  repository.id(),
                  clock.instant(),
                  Optional.empty(),
                  happening.get()));
        }
      }
    }
    seen.keep(repository.id(), new Snapshot(last.get().number() + 1, now));
  }

  private Optional<Happening> happening(
      Repository repository, Path mirror, Remote remote, RefUpdate update) throws GitFailed {
    git.fetch(mirror, remote, update.ref(), update.after());
    if (update.ref().startsWith("refs/tags/")) {
      // Listed as the commit it names; the mirror keeps commits under names of its own.
      return update.tag(repository.name().value());
    }
    if (update.before().isPresent()) {
      try {
        git.fetch(mirror, remote, update.ref(), update.before().get());
      } catch (GitFailed e) {
        LOG.debug("repository {}: {}", repository.name(), e.getMessage());
      }
    }
    return update.happening(git, mirror, repository.name().value());
  }

  private static String delivery(long number, RefUpdate update) {
    String text = update.ref() + "\0" + update.before() + "\0" + update.after();
    return "poll-" + number + "-" + Sha256.hex(text, 12);
  }

  @Override
  public void close() {
    try {
      for (String id : workers.keySet()) {
        forget(id);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

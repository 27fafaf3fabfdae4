package dev.holdfast.orchestrator.report;

import dev.holdfast.model.json.Json;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.StoreUnavailable;
import dev.holdfast.orchestrator.forge.Calls;
import dev.holdfast.orchestrator.forge.Credentials;
import dev.holdfast.orchestrator.forge.Dialect;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.forge.Token;
import dev.holdfast.orchestrator.metric.Metrics;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells forges how runs stand and answers comments. A forge that is away delays what it is told and
 * loses none of it, and holds up neither runs nor what other repositories' forges are told.
 * Thread-safe.
 */
public final class Reports implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reports.class);
  private static final int AT_ONCE = 4;
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

  /** Some three days of {@link #LONGEST_PAUSE}. */
  private static final int MOST_TRIES = 450;

  private static final String MISSING =
      "the forge knows no such repository, commit or pull request, or the token may not write"
          + " there";

  private static final long CLOSING_SECONDS = 15;

  private final Database database;
  private final Repositories repositories;
  private final Credentials credentials;
  private final Function<Repository.Kind, Dialect> dialects;
  private final Optional<URI> here;
  private final Metrics metrics;
  private final InstantSource clock;
  private final ExecutorService senders =
      Executors.newFixedThreadPool(
          AT_ONCE, Thread.ofPlatform().name("reports-", 0).daemon().factory());
  private final Set<String> busy = ConcurrentHashMap.newKeySet();

  /**
   * @param here where browsers find this installation, for links to its pages
   */
  public Reports(
      Database database,
      Repositories repositories,
      Credentials credentials,
      Function<Repository.Kind, Dialect> dialects,
      Optional<URI> here,
      Metrics metrics,
      InstantSource clock) {
    this.database = database;
    this.repositories = repositories;
    this.credentials = credentials;
    this.dialects = dialects;
    this.here = here;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** Begins to tell what is due; returns at once. To be called every second or so. */
  public void sweep() {
    Instant now = clock.instant();
    Map<String, List<Owed>> due =
        database.read(s -> Owed.due(s, now)).stream()
            .collect(
                Collectors.groupingBy(Owed::repository, LinkedHashMap::new, Collectors.toList()));
    due.forEach((repository, owed) -> {
      if (busy.add(repository)) {
        senders.execute(() -> {
          try {
            tell(repository, owed);
          } catch (StoreUnavailable e) {
            LOG.warn("what {} was told is not noted: {}", repository, e.getMessage());
          } finally {
            busy.remove(repository);
          }
        });
      }
    });
  }

  /** In turn; the first that fails leaves the others for later. */
  private void tell(String id, List<Owed> all) {
    Optional<Repository> found = repositories.byId(id);
    for (Owed owed : all) {
      if (found.isEmpty() || !(found.get().location() instanceof Repository.Location.AtForge at)) {
        done(owed, "nowhere");
        continue;
      }
      switch (tell(found.get(), at, owed)) {
        case Calls.Answer.Good _ -> done(owed, "told");
        // That one is missing says nothing of the others.
        case Calls.Answer.Missing _ -> failed(owed, MISSING, Optional.empty());
        case Calls.Answer.Failed(var why, var after) -> {
          failed(owed, why, after);
          return;
        }
      }
    }
  }

  private Calls.Answer tell(Repository repository, Repository.Location.AtForge at, Owed owed) {
    Dialect dialect = dialects.apply(at.host().kind());
    try {
      Optional<Token> token = credentials.token(repository);
      return switch (owed) {
        case Owed.OfRun of when !of.latest() -> new Calls.Answer.Good(Json.NULL);
        case Owed.OfRun of -> tell(of, repository, at, token);
        case Owed.Answer said -> dialect.say(at, said.remark(), said.tries() > 0, token);
      };
    } catch (ForgeUnavailable e) {
      return new Calls.Answer.Failed(String.valueOf(e.getMessage()), Optional.empty());
    }
  }

  /** A run, and those of its jobs of which its forge does not know. */
  private Calls.Answer tell(
      Owed.OfRun of, Repository repository, Repository.Location.AtForge at, Optional<Token> token) {
    Dialect dialect = dialects.apply(at.host().kind());
    Calls.Answer answer =
        dialect.tell(at, Wording.status(of.run(), of.event(), repository.name(), here), token);
    var told = new ArrayList<OwedJob>();
    for (OwedJob job : database.read(s -> OwedJob.of(s, of.run().id()))) {
      if (!(answer instanceof Calls.Answer.Good)) {
        break;
      }
      answer =
          dialect.tell(
              at, Wording.status(job, of.run(), of.event(), repository.name(), here), token);
      if (answer instanceof Calls.Answer.Good) {
        told.add(job);
      }
    }
    if (!told.isEmpty()) {
      database.write(s -> {
        for (OwedJob job : told) {
          job.told(s);
        }
        return true;
      });
    }
    return answer;
  }

  private void done(Owed owed, String became) {
    metrics.report(became);
    database.write(s -> {
      owed.told(s);
      return true;
    });
  }

  private void failed(Owed owed, String why, Optional<Duration> after) {
    if (owed.tries() >= MOST_TRIES) {
      LOG.error("gave up telling the forge of {}: {}", owed.repository(), why);
      done(owed, "given up");
      return;
    }
    long seconds = Math.min(1L << Math.min(owed.tries(), 10), LONGEST_PAUSE.toSeconds());
    Instant next = clock.instant().plus(after.orElse(Duration.ofSeconds(seconds)));
    if (owed.tries() == 0) {
      LOG.warn("the forge of {} is told later: {}", owed.repository(), why);
    }
    metrics.report("failed");
    database.write(s -> {
      owed.failed(s, why, next);
      // Else what waits of this forge would crowd out what others could be told.
      if (!why.equals(MISSING)) {
        Owed.postpone(s, owed.repository(), next);
      }
      return true;
    });
  }

  /** Ends what is under way; what was not told is told after the next start. */
  @Override
  public void close() {
    senders.shutdownNow();
    try {
      if (!senders.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a report did not end in {} seconds", CLOSING_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

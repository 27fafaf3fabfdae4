package dev.holdfast.orchestrator.intake;

import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.StoreUnavailable;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import dev.holdfast.orchestrator.definition.Definitions;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.hold.Clearances;
import dev.holdfast.orchestrator.hold.Hands;
import dev.holdfast.orchestrator.hold.Holds;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.Runs;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inbox, and what empties it. Events of one repository are processed in the order of their
 * arrival, those of different repositories beside each other. An event leaves the inbox in the same
 * commit that makes its runs, so a crash at any point leads to each run exactly once.
 *
 * <p>An event whose forge cannot be asked stays and is tried again, ever more seldom. It keeps its
 * place for its first tries; after that the ones behind it go on. After a day it is given up, and
 * says so. Thread-safe.
 */
public final class Intake implements Inbox, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
  private static final int AT_ONCE = 64;
  private static final int TRIES_IN_PLACE = 3;
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
  private static final Duration GIVE_UP = Duration.ofDays(1);
  private static final int LONGEST_ERROR = 2000;

  private final Database database;
  private final Repositories repositories;
  private final Planning planning;
  private final InstantSource clock;
  private final Consumer<Event> accepted;
  // For each repository with work: how often it was asked for since its worker last looked.
  private final ConcurrentHashMap<String, AtomicInteger> working = new ConcurrentHashMap<>();
  private volatile boolean closing;

  /**
   * @param accepted is called for each event that is new
   */
  public Intake(
      Database database,
      Repositories repositories,
      Forge forge,
      Function<DefinitionFiles, Definitions> reader,
      Deciding deciding,
      Runs runs,
      Holds holds,
      Clearances clearances,
      InstantSource clock,
      Consumer<Event> accepted) {
    this.database = database;
    this.repositories = repositories;
    this.planning = new Planning(forge, reader, deciding, runs, holds, clearances, clock);
    this.clock = clock;
    this.accepted = accepted;
  }

  private record Waiting(
      String id,
      Event event,
      List<Lookup<Contributor>> hands,
      int tries,
      Instant retryAt,
      Instant received) {}

  @Override
  public Accepted accept(Event event, List<Lookup<Contributor>> hands) {
    String body = Records.write(Event.class, event);
    Optional<String> people = hands.isEmpty() ? Optional.empty() : Optional.of(Hands.text(hands));
    Accepted answer =
        database.write(s -> {
          String id = database.ids().next("evt");
          int made =
              s.update(
                  "INSERT INTO event (id, repository_id, delivery, body, hands, kind, contributor,"
                      + " state, tries, retry_at, received_at) VALUES (?, ?, ?, ?, ?, ?, ?,"
                      + " 'RECEIVED', 0, 0, ?) ON CONFLICT (repository_id, delivery) DO NOTHING",
                  id,
                  event.repository(),
                  event.delivery(),
                  body,
                  people,
                  Records.typeName(event.happening().getClass()),
                  event.contributor().map(who -> who.forge() + " " + who.id()),
                  clock.instant());
          if (made > 0) {
            s.afterCommit(() -> signal(event.repository()));
            return new Accepted(id, false);
          }
          return s.first(
                  "SELECT id FROM event WHERE repository_id = ? AND delivery = ?",
                  row -> new Accepted(row.text("id"), true),
                  event.repository(),
                  event.delivery())
              .orElseThrow();
        });
    if (!answer.duplicate()) {
      accepted.accept(event);
    }
    return answer;
  }

  /** To be called at start and every second or so: goes on with whatever waits. */
  public void sweep() {
    database
        .read(s ->
            s.list(
                "SELECT DISTINCT repository_id FROM event WHERE state = 'RECEIVED' AND"
                    + " retry_at <= ?",
                row -> row.text("repository_id"),
                clock.instant()))
        .forEach(this::signal);
  }

  /** Has the events of a repository looked at that were put into the inbox by somebody else. */
  public void wake(String repository) {
    signal(repository);
  }

  /** Has the repository's worker look; there is at most one. */
  private void signal(String repository) {
    if (closing) {
      return;
    }
    AtomicInteger asked = working.computeIfAbsent(repository, r -> new AtomicInteger());
    if (asked.getAndIncrement() == 0) {
      Thread.ofVirtual().name("intake-" + repository).start(() -> work(repository, asked));
    }
  }

  private void work(String repository, AtomicInteger asked) {
    int seen;
    do {
      seen = asked.get();
      try {
        while (!closing && some(repository)) {
          LOG.trace("more of {}", repository);
        }
      } catch (RuntimeException e) {
        LOG.error("the events of repository {} wait: {}", repository, e.getMessage());
      }
    } while (!asked.compareAndSet(seen, 0));
  }

  /** Processes some events; answers whether there may be more to do at once. */
  private boolean some(String repository) {
    Instant now = clock.instant();
    List<Waiting> waiting =
        database.read(s ->
            s.list(
                "SELECT * FROM event WHERE repository_id = ? AND state = 'RECEIVED' AND"
                    + " (retry_at <= ? OR tries < ?) ORDER BY id LIMIT ?",
                row ->
                    new Waiting(
                        row.text("id"),
                        Records.read(Event.class, row.text("body")),
                        row.maybeText("hands").map(Hands::read).orElse(List.of()),
                        (int) row.number("tries"),
                        row.time("retry_at"),
                        row.time("received_at")),
                repository,
                now,
                TRIES_IN_PLACE,
                AT_ONCE));
    Optional<Repository> found = repositories.byId(repository);
    if (waiting.isEmpty() || found.isEmpty()) {
      return false;
    }
    // Submitted in order and waited for together: the writer keeps the order.
    var writes = new ArrayList<CompletableFuture<?>>();
    boolean more = waiting.size() == AT_ONCE;
    for (Waiting event : waiting) {
      if (closing || event.retryAt().isAfter(now)) {
        more = false;
        break;
      }
      try {
        writes.add(
            database.submit(planning.of(found.get(), event.id(), event.event(), event.hands())));
      } catch (ForgeUnavailable e) {
        postpone(event, String.valueOf(e.getMessage()), now);
        if (event.tries() + 1 < TRIES_IN_PLACE) {
          more = false;
          break;
        }
      } catch (StoreUnavailable e) {
        throw e;
      } catch (RuntimeException e) {
        LOG.error("the event {} cannot be processed", event.id(), e);
        postpone(event, "it cannot be processed: " + e, now);
      }
    }
    try {
      CompletableFuture.allOf(writes.toArray(new CompletableFuture<?>[0])).join();
    } catch (CompletionException e) {
      // They stay in the inbox; the sweep comes back to them.
      LOG.error("events of repository {} wait: {}", repository, String.valueOf(e.getCause()));
      return false;
    }
    return more;
  }

  private void postpone(Waiting event, String error, Instant now) {
    boolean over = Duration.between(event.received(), now).compareTo(GIVE_UP) > 0;
    Duration pause = SHORTEST_PAUSE.multipliedBy(1L << Math.min(event.tries(), 10));
    Instant again = now.plus(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE);
    String shown = error.length() <= LONGEST_ERROR ? error : error.substring(0, LONGEST_ERROR);
    LOG.warn("event {}: {}; {}", event.id(), shown, over ? "given up" : "tried again at " + again);
    database.write(s ->
        s.update(
            "UPDATE event SET state = ?, tries = tries + 1, retry_at = ?, error = ? WHERE id ="
                + " ? AND state = 'RECEIVED'",
            over ? "GIVEN_UP" : "RECEIVED",
            again,
            shown,
            event.id()));
  }

  /** Begins nothing more; what is begun ends by itself. */
  @Override
  public void close() {
    closing = true;
  }
}

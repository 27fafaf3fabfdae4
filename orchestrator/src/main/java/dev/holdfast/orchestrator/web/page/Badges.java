package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.run.RunState;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Visibility;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.forge.People;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How branches stand, for anybody to see, where that is nobody's secret: the forge says that the
 * repository is public, or somebody switched it on. Whatever cannot be told is not shown. A caller
 * learns nothing else, not even whether there is such a repository: forges are asked beside the
 * call and not within it, so that not even the time it takes tells. Thread-safe.
 */
final class Badges {
  /** How long an answer of the forge counts, whatever it is: who asks is anybody. */
  static final Duration ASKED = Duration.ofMinutes(5);

  /** How long a badge is what it was. */
  static final Duration KEPT = Duration.ofSeconds(30);

  private static final int MOST_KEPT = 1000;

  private final Database database;
  private final Repositories repositories;
  private final People people;
  private final InstantSource clock;
  private final Map<String, Told> told = new HashMap<>();
  private final Set<String> asking = new HashSet<>();
  private final Map<Key, Stood> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Stood> eldest) {
          return size() > MOST_KEPT;
        }
      };

  private record Told(boolean isPublic, Instant until) {}

  private record Key(String repository, String workflow, String branch) {}

  private record Stood(Stand stand, Instant until) {}

  /** How a branch stands. */
  enum Stand {
    PASSES("passes", "#17693f"),
    FAILS("fails", "#a92b1f"),
    NO_RUNS("no runs", "#55625f");

    private final String word;
    private final String colour;

    Stand(String word, String colour) {
      this.word = word;
      this.colour = colour;
    }

    String word() {
      return word;
    }

    String colour() {
      return colour;
    }
  }

  Badges(Database database, Repositories repositories, People people, InstantSource clock) {
    this.database = database;
    this.repositories = repositories;
    this.people = people;
    this.clock = clock;
  }

  /** How a branch stands by a workflow; empty where that is not shown. */
  Optional<Stand> of(Name repository, Name workflow, RefName branch) {
    return repositories
        .byName(repository)
        .filter(this::shown)
        .map(found -> stand(found, workflow, branch));
  }

  /** Whether anybody may see how the repository's branches stand. */
  boolean shown(Repository repository) {
    return on(repository) || isPublic(repository);
  }

  /** Whether somebody switched it on. */
  boolean on(Repository repository) {
    return database
        .read(s ->
            s.first(
                "SELECT badges FROM repository WHERE id = ? AND badges = 1",
                row -> 1,
                repository.id()))
        .isPresent();
  }

  /** Switches it on or off. */
  static void set(Session session, Repository repository, boolean on) throws SQLException {
    session.update("UPDATE repository SET badges = ? WHERE id = ?", on, repository.id());
  }

  /** What is known of it; where nothing is, it is asked for, and is not public until then. */
  private boolean isPublic(Repository repository) {
    if (!(repository.location() instanceof Repository.Location.AtForge)) {
      return false;
    }
    Instant now = clock.instant();
    synchronized (told) {
      Told known = told.get(repository.id());
      if (known != null && now.isBefore(known.until())) {
        return known.isPublic();
      }
      if (!asking.add(repository.id())) {
        return false;
      }
    }
    Thread.ofVirtual().name("visibility").start(() -> ask(repository));
    return false;
  }

  private void ask(Repository repository) {
    boolean isPublic = false;
    try {
      isPublic =
          people.visibility(repository) instanceof Lookup.Known<Visibility>(var visibility)
              && visibility == Visibility.PUBLIC;
    } finally {
      synchronized (told) {
        told.put(repository.id(), new Told(isPublic, clock.instant().plus(ASKED)));
        asking.remove(repository.id());
      }
    }
  }

  private Stand stand(Repository repository, Name workflow, RefName branch) {
    var key = new Key(repository.id(), workflow.value(), branch.value());
    Instant now = clock.instant();
    synchronized (kept) {
      Stood known = kept.get(key);
      if (known != null && now.isBefore(known.until())) {
        return known.stand();
      }
    }
    Stand stand = database.read(s -> stand(s, key));
    synchronized (kept) {
      kept.put(key, new Stood(stand, now.plus(KEPT)));
    }
    return stand;
  }

  /**
   * By the newest that came to an end; never by a pull request, whose branch is called anything.
   */
  private static Stand stand(Session s, Key key) throws SQLException {
    return s.first(
            "SELECT run.state FROM run JOIN event ON event.id = run.event_id WHERE"
                + " run.repository_id = ? AND run.workflow = ? AND run.ref = ? AND event.kind IN"
                + " ('push', 'schedule', 'manual') AND run.state IN ('SUCCEEDED', 'FAILED') ORDER BY"
                + " run.id DESC LIMIT 1",
            row ->
                RunState.valueOf(row.text("state")) == RunState.SUCCEEDED
                    ? Stand.PASSES
                    : Stand.FAILS,
            key.repository(),
            key.workflow(),
            key.branch())
        .orElse(Stand.NO_RUNS);
  }
}

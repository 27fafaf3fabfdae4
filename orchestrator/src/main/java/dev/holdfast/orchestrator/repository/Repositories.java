package dev.holdfast.orchestrator.repository;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Which repositories Holdfast works for. Thread-safe. */
public interface Repositories {
  /** All, by name. */
  List<Repository> list();

  Optional<Repository> byName(Name name);

  /** The one that has this id at this forge. */
  Optional<Repository> at(Repository.Host host, long id);

  /** Also one that was removed, since its runs are kept. */
  Optional<Repository> byId(String id);

  /**
   * Adds one.
   *
   * @throws NameTaken if there is one of this name with another location; adding the same twice is
   *     adding it once
   */
  default Repository add(Name name, Repository.Location location) {
    return add(name, location, Optional.empty());
  }

  /**
   * As {@link #add(Name, Repository.Location)}, with the weakest wall that its jobs may have. Given
   * for one that is there already, it replaces the floor: a higher one holds at once, also for what
   * is queued; a lower one for runs to come.
   */
  default Repository add(Name name, Repository.Location location, Optional<Tier> floor) {
    return add(name, location, floor, (session, added) -> {});
  }

  /** As above, with what goes along. */
  Repository add(Name name, Repository.Location location, Optional<Tier> floor, Along along);

  /** What is written in the very transaction of a change. */
  @FunctionalInterface
  interface Along {
    void with(Session session, Repository changed) throws SQLException;
  }

  /** The weakest wall that its jobs may have; absent if every wall will do. */
  Optional<Tier> floor(Repository repository);

  /** Removes one; its runs are kept. Answers false if there is none of this name. */
  default boolean remove(Name name) {
    return remove(name, (session, removed) -> {});
  }

  /** As above, with what goes along. */
  boolean remove(Name name, Along along);

  /** Has {@code listener} called after each change, on the thread that made it. */
  void onChange(Runnable listener);

  /** The repositories that {@code database} holds. */
  static Repositories in(Database database, InstantSource clock) {
    return new SqlRepositories(database, clock);
  }

  /** The name is another repository's. */
  final class NameTaken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NameTaken(String message) {
      super(message);
    }
  }
}

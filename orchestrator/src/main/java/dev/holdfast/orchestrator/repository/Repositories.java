package dev.holdfast.orchestrator.repository;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.orchestrator.db.Database;
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
  Repository add(Name name, Repository.Location location, Optional<Tier> floor);

  /** The weakest wall that its jobs may have; absent if every wall will do. */
  Optional<Tier> floor(Repository repository);

  /** Removes one; its runs are kept. Answers false if there is none of this name. */
  boolean remove(Name name);

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

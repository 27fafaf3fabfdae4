package dev.holdfast.orchestrator.repository;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Row;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.run.Demand;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** {@link Repositories} in the database. */
final class SqlRepositories implements Repositories {
  private static final String DISK = "disk";
  private static final String REMOTE = "remote";

  private final Database database;
  private final InstantSource clock;
  private final ConcurrentHashMap<String, Repository> byId = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  SqlRepositories(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  @Override
  public List<Repository> list() {
    return database.read(s ->
        s.list(
            "SELECT * FROM repository WHERE removed_at IS NULL ORDER BY name",
            SqlRepositories::repository));
  }

  @Override
  public Optional<Repository> byName(Name name) {
    return database.read(s ->
        s.first(
            "SELECT * FROM repository WHERE name = ? AND removed_at IS NULL",
            SqlRepositories::repository,
            name.value()));
  }

  @Override
  public Optional<Repository> byId(String id) {
    // What an id stands for never changes, so one look is enough.
    Repository known = byId.get(id);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<Repository> found =
        database.read(
            s -> s.first("SELECT * FROM repository WHERE id = ?", SqlRepositories::repository, id));
    found.ifPresent(repository -> byId.put(id, repository));
    return found;
  }

  @Override
  public Optional<Repository> at(Repository.Host host, long id) {
    return database.read(s ->
        s.first(
            "SELECT * FROM repository WHERE kind = ? AND api = ? AND forge_id = ? AND removed_at"
                + " IS NULL",
            SqlRepositories::repository,
            host.kind().name(),
            host.api().toString(),
            id));
  }

  @Override
  public Repository add(
      Name name, Repository.Location location, Optional<Tier> floor, Along along) {
    Repository added =
        database.write(s -> {
          Optional<Repository> there =
              s.first(
                  "SELECT * FROM repository WHERE name = ? AND removed_at IS NULL",
                  SqlRepositories::repository,
                  name.value());
          if (there.isPresent()) {
            if (there.get().location().equals(location)) {
              if (floor.isPresent()) {
                raise(s, there.get(), floor.get());
                along.with(s, there.get());
              }
              return there.get();
            }
            throw new NameTaken(
                "the name "
                    + name
                    + " is taken by the repository at "
                    + there.get().location().url()
                    + "; choose another name, or remove that one first");
          }
          var made = new Repository(database.ids().next("repo"), name, location);
          s.update(
              "INSERT INTO repository (id, name, kind, location, next_number, created_at,"
                  + " floor, api, forge_id) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)",
              made.id(),
              name.value(),
              switch (location) {
                case Repository.Location.OnDisk _ -> DISK;
                case Repository.Location.Remote _ -> REMOTE;
                case Repository.Location.AtForge at -> at.host().kind().name();
              },
              location.url(),
              clock.instant(),
              floor.map(Tier::name),
              location instanceof Repository.Location.AtForge at
                  ? at.host().api().toString()
                  : null,
              location instanceof Repository.Location.AtForge at ? at.id() : null);
          along.with(s, made);
          return made;
        });
    listeners.forEach(Runnable::run);
    return added;
  }

  private static void raise(Session session, Repository repository, Tier floor)
      throws SQLException {
    session.update("UPDATE repository SET floor = ? WHERE id = ?", floor.name(), repository.id());
    record Waiting(String id, String labels) {}
    var waiting =
        session.list(
            "SELECT job.id, job.labels FROM job JOIN run ON run.id = job.run_id WHERE"
                + " run.repository_id = ?",
            row -> new Waiting(row.text("id"), row.text("labels")),
            repository.id());
    for (Waiting job : waiting) {
      String raised = Demand.read(job.labels()).atLeast(Optional.of(floor)).text();
      if (!raised.equals(job.labels())) {
        session.update("UPDATE job SET labels = ? WHERE id = ?", raised, job.id());
      }
    }
  }

  @Override
  public Optional<Tier> floor(Repository repository) {
    return database.read(s ->
        s.first(
                "SELECT floor FROM repository WHERE id = ?",
                row -> row.maybeText("floor"),
                repository.id())
            .flatMap(floor -> floor)
            .map(Tier::valueOf));
  }

  @Override
  public boolean remove(Name name, Along along) {
    boolean removed =
        database.write(s -> {
          Optional<Repository> there =
              s.first(
                  "SELECT * FROM repository WHERE name = ? AND removed_at IS NULL",
                  SqlRepositories::repository,
                  name.value());
          if (there.isEmpty()) {
            return false;
          }
          s.update(
              "UPDATE repository SET removed_at = ? WHERE id = ?",
              clock.instant(),
              there.get().id());
          along.with(s, there.get());
          return true;
        });
    listeners.forEach(Runnable::run);
    return removed;
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  private static Repository repository(Row row) throws SQLException {
    String location = row.text("location");
    return new Repository(
        row.text("id"),
        new Name(row.text("name")),
        switch (row.text("kind")) {
          case DISK -> new Repository.Location.OnDisk(Path.of(location));
          case REMOTE -> new Repository.Location.Remote(URI.create(location));
          default ->
              new Repository.Location.AtForge(
                  new Repository.Host(
                      Repository.Kind.valueOf(row.text("kind")), URI.create(row.text("api"))),
                  row.number("forge_id"),
                  URI.create(location));
        });
  }
}

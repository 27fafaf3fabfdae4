package dev.holdfast.orchestrator.schedule;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.db.Session;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import dev.holdfast.orchestrator.definition.Definitions;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.ForgeUnavailable;
import dev.holdfast.orchestrator.intake.Inbox;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schedules of every repository's default branch, and the events they make when their time
 * comes. An event's delivery id is made of the schedule and its time, so a crash between the event
 * and the next time's note leads to one event. What was missed while the orchestrator was away
 * happens once, however often it was missed.
 *
 * <p>{@link #sweep} is for one thread, which it may keep for as long as a forge takes to answer;
 * the other methods are for any.
 */
public final class Timetable {
  private static final Logger LOG = LoggerFactory.getLogger(Timetable.class);
  private static final Duration PAUSE = Duration.ofMinutes(1);

  private final Database database;
  private final Repositories repositories;
  private final Forge forge;
  private final Function<DefinitionFiles, Definitions> reader;
  private final InstantSource clock;

  /** Repositories whose default branch may say something new, and when to look. */
  private final Map<String, Instant> toRead = new ConcurrentHashMap<>();

  private final Set<String> known = new HashSet<>();

  public Timetable(
      Database database,
      Repositories repositories,
      Forge forge,
      Function<DefinitionFiles, Definitions> reader,
      InstantSource clock) {
    this.database = database;
    this.repositories = repositories;
    this.forge = forge;
    this.reader = reader;
    this.clock = clock;
  }

  private record Due(String repository, Name workflow, String cron, Instant at) {}

  /** Hears of every event that arrives: a push may change the schedules. */
  public void heard(Event event) {
    if (event.happening() instanceof Happening.Push) {
      toRead.put(event.repository(), clock.instant());
    }
  }

  /** To be called every second or so: reads what changed and starts what is due. */
  public void sweep(Inbox inbox) {
    for (Repository repository : repositories.list()) {
      if (known.add(repository.id())) {
        toRead.put(repository.id(), clock.instant());
      }
    }
    Instant now = clock.instant();
    toRead.forEach((id, when) -> {
      if (!when.isAfter(now) && toRead.remove(id, when)) {
        repositories.byId(id).ifPresent(this::read);
      }
    });
    List<Due> due =
        database.read(s ->
            s.list(
                "SELECT schedule.* FROM schedule JOIN repository ON repository.id = repository_id"
                    + " WHERE next_at <= ? AND removed_at IS NULL ORDER BY next_at",
                row ->
                    new Due(
                        row.text("repository_id"),
                        new Name(row.text("workflow")),
                        row.text("cron"),
                        row.time("next_at")),
                now));
    due.forEach(schedule -> start(schedule, inbox, now));
  }

  private void read(Repository repository) {
    try {
      Optional<CommitId> commit = forge.resolve(repository, forge.defaultBranch(repository));
      if (commit.isEmpty()) {
        keep(repository, List.of());
        return;
      }
      switch (reader.apply(forge.definitionFiles(repository, commit.get()))) {
        case Definitions.Valid(var workflows, var _) -> keep(repository, workflows);
        case Definitions.Absent() -> keep(repository, List.of());
        case Definitions.Invalid(var _) ->
            // The run that the push made says what is wrong; until it is mended, what was, is.
            LOG.debug("the schedules of {} stay as they are", repository.name());
      }
    } catch (ForgeUnavailable e) {
      LOG.warn("the schedules of {} cannot be read now: {}", repository.name(), e.getMessage());
      toRead.putIfAbsent(repository.id(), clock.instant().plus(PAUSE));
    }
  }

  private void keep(Repository repository, List<Workflow> workflows) {
    Instant now = clock.instant();
    database.write(s -> {
      Set<String> had =
          new HashSet<>(
              s.list(
                  "SELECT workflow, cron FROM schedule WHERE repository_id = ?",
                  row -> row.text("workflow") + ' ' + row.text("cron"),
                  repository.id()));
      for (Workflow workflow : workflows) {
        for (Trigger trigger : workflow.on()) {
          if (trigger instanceof Trigger.Schedule(String cron)
              && !had.remove(workflow.name() + " " + cron)) {
            Optional<Instant> next = Times.after(cron, now);
            if (next.isPresent()) {
              s.update(
                  "INSERT INTO schedule (repository_id, workflow, cron, next_at) VALUES (?, ?, ?, ?)"
                      + " ON CONFLICT (repository_id, workflow, cron) DO NOTHING",
                  repository.id(),
                  workflow.name().value(),
                  cron,
                  next.get());
            }
          }
        }
      }
      for (String gone : had) {
        int space = gone.indexOf(' ');
        delete(s, repository.id(), gone.substring(0, space), gone.substring(space + 1));
      }
      return true;
    });
  }

  private static void delete(Session s, String repository, String workflow, String cron)
      throws SQLException {
    s.update(
        "DELETE FROM schedule WHERE repository_id = ? AND workflow = ? AND cron = ?",
        repository,
        workflow,
        cron);
  }

  private void start(Due due, Inbox inbox, Instant now) {
    Optional<Repository> repository = repositories.byId(due.repository());
    if (repository.isEmpty()) {
      return;
    }
    try {
      RefName branch = forge.defaultBranch(repository.get());
      Optional<CommitId> commit = forge.resolve(repository.get(), branch);
      if (commit.isPresent()) {
        inbox.accept(
            new Event(
                "schedule:" + due.workflow() + ":" + due.at() + ":" + Times.digest(due.cron()),
                due.repository(),
                now,
                Optional.empty(),
                new Happening.Schedule(due.workflow(), due.cron(), branch, commit.get())));
      }
    } catch (ForgeUnavailable e) {
      LOG.warn(
          "{} of {} is due and waits: {}", due.workflow(), repository.get().name(), e.getMessage());
      return;
    }
    Optional<Instant> next = Times.after(due.cron(), now);
    database.write(s -> {
      if (next.isEmpty()) {
        delete(s, due.repository(), due.workflow().value(), due.cron());
        return true;
      }
      return s.update(
              "UPDATE schedule SET next_at = ? WHERE repository_id = ? AND workflow = ? AND cron ="
                  + " ? AND next_at = ?",
              next.get(),
              due.repository(),
              due.workflow().value(),
              due.cron(),
              due.at())
          > 0;
    });
  }
}

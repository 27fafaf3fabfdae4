package dev.holdfast.orchestrator;

import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.AdminToken;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import dev.holdfast.orchestrator.definition.Definitions;
import dev.holdfast.orchestrator.fleet.Agents;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.intake.EventSource;
import dev.holdfast.orchestrator.intake.Intake;
import dev.holdfast.orchestrator.log.LogStore;
import dev.holdfast.orchestrator.metric.Metrics;
import dev.holdfast.orchestrator.queue.LeaseText;
import dev.holdfast.orchestrator.queue.Leases;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.run.Attempts;
import dev.holdfast.orchestrator.run.Plans;
import dev.holdfast.orchestrator.run.RunWatch;
import dev.holdfast.orchestrator.run.Runs;
import dev.holdfast.orchestrator.schedule.Timetable;
import dev.holdfast.orchestrator.web.WebServer;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running orchestrator. Closing it answers who waits, finishes what it began, and ends. */
public final class Orchestrator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Orchestrator.class);

  private final Database database;
  private final Intake intake;
  private final Leases leases;
  private final RunWatch watch;
  private final WebServer web;
  private final Chores chores;
  private final Chores clockwork;
  private final LogStore logs;
  private final List<EventSource.Running> sources = new ArrayList<>();
  private final Repositories repositories;
  private final Optional<String> adminToken;

  private Orchestrator(
      OrchestratorConfig config, Clock clock, Outside outside, Metrics metrics, Database database)
      throws IOException {
    this.database = database;
    this.logs = outside.logs();
    var access = Access.in(database, clock, noted());
    this.adminToken = AdminToken.ensure(access, config.data());
    this.repositories = Repositories.in(database, clock);
    var agents = new Agents(database, clock);
    this.watch = new RunWatch();
    var signals = new Signals(watch, logs, metrics);
    var runs = new Runs(database, new Plans(), signals);
    var attempts = new Attempts(database, runs);
    this.leases =
        new Leases(
            database, attempts, new LeaseText(runs, attempts, repositories), clock, config.lease());
    signals.wake(leases);
    leases.resume();
    var timetable = new Timetable(database, repositories, outside.forge(), outside.reader(), clock);
    this.intake =
        new Intake(
            database,
            repositories,
            outside.forge(),
            outside.reader(),
            runs,
            clock,
            event -> {
              metrics.eventAccepted();
              timetable.heard(event);
            });
    Gauges.of(metrics, database, leases);
    this.web =
        WebServer.start(
            config.host(),
            config.port(),
            new WebServer.Parts(
                database,
                repositories,
                outside.forge(),
                intake,
                runs,
                attempts,
                watch,
                leases,
                agents,
                access,
                logs,
                metrics,
                clock));
    this.chores = new Chores(List.of(intake::sweep, leases::sweep));
    // Of its own: it asks forges, which may take their time.
    this.clockwork = new Chores(List.of(() -> timetable.sweep(intake)));
  }

  /** Until there is an audit log: lines in the server's own. */
  private static Audit noted() {
    return (session, entry) -> LOG.info("{}", entry);
  }

  /**
   * What the orchestrator stands on.
   *
   * @param reader reads a repository's definitions as data
   * @param logs is closed with the orchestrator
   * @param sources of events; started last, ended first
   */
  public record Outside(
      Forge forge,
      Function<DefinitionFiles, Definitions> reader,
      LogStore logs,
      List<EventSource> sources) {}

  /** Starts an orchestrator, which listens when this returns. */
  public static Orchestrator start(OrchestratorConfig config, Clock clock, Outside outside)
      throws IOException {
    var metrics = new Metrics();
    var database = Database.open(config.data(), clock, metrics::commit);
    Orchestrator started;
    try {
      started = new Orchestrator(config, clock, outside, metrics, database);
    } catch (IOException | RuntimeException e) {
      database.close();
      throw e;
    }
    try {
      for (EventSource source : outside.sources()) {
        started.sources.add(source.start(started.repositories, started.intake));
      }
      return started;
    } catch (IOException | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  /** The port that it listens at. */
  public int port() {
    return web.port();
  }

  /**
   * All routes, as {@code GET /path}, with what each needs; what {@code openapi.json} describes.
   */
  Map<String, String> routes() {
    return web.routes();
  }

  /** The admin token, if this start made it; it is never known again. */
  public Optional<String> adminToken() {
    return adminToken;
  }

  @Override
  public void close() throws IOException {
    sources.forEach(EventSource.Running::close);
    clockwork.close();
    chores.close();
    intake.close();
    leases.close();
    watch.close();
    web.close();
    database.close();
    logs.close();
  }
}

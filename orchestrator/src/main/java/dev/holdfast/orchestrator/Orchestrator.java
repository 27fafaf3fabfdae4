package dev.holdfast.orchestrator;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.secret.Maskable;
import dev.holdfast.orchestrator.access.Access;
import dev.holdfast.orchestrator.access.AdminToken;
import dev.holdfast.orchestrator.access.Linking;
import dev.holdfast.orchestrator.access.SignInClients;
import dev.holdfast.orchestrator.access.SigningIn;
import dev.holdfast.orchestrator.artifact.Artifacts;
import dev.holdfast.orchestrator.artifact.Kept;
import dev.holdfast.orchestrator.audit.Audit;
import dev.holdfast.orchestrator.audit.AuditLog;
import dev.holdfast.orchestrator.audit.Checkpoints;
import dev.holdfast.orchestrator.audit.LogCheck;
import dev.holdfast.orchestrator.blob.FileBlobStore;
import dev.holdfast.orchestrator.cache.Caches;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import dev.holdfast.orchestrator.definition.Definitions;
import dev.holdfast.orchestrator.environment.Deployments;
import dev.holdfast.orchestrator.environment.Environments;
import dev.holdfast.orchestrator.fleet.Agents;
import dev.holdfast.orchestrator.forge.Calls;
import dev.holdfast.orchestrator.forge.Credentials;
import dev.holdfast.orchestrator.forge.Deliveries;
import dev.holdfast.orchestrator.forge.Dialect;
import dev.holdfast.orchestrator.forge.Forge;
import dev.holdfast.orchestrator.forge.People;
import dev.holdfast.orchestrator.forge.github.AppCalls;
import dev.holdfast.orchestrator.hold.Again;
import dev.holdfast.orchestrator.hold.Approving;
import dev.holdfast.orchestrator.hold.Clearances;
import dev.holdfast.orchestrator.hold.ClearedSecrets;
import dev.holdfast.orchestrator.hold.Comments;
import dev.holdfast.orchestrator.hold.Entering;
import dev.holdfast.orchestrator.hold.Holds;
import dev.holdfast.orchestrator.hold.Settled;
import dev.holdfast.orchestrator.hold.StepHolds;
import dev.holdfast.orchestrator.hook.Hooks;
import dev.holdfast.orchestrator.identity.Identities;
import dev.holdfast.orchestrator.identity.Issuer;
import dev.holdfast.orchestrator.intake.Deciding;
import dev.holdfast.orchestrator.intake.Differences;
import dev.holdfast.orchestrator.intake.EventSource;
import dev.holdfast.orchestrator.intake.Intake;
import dev.holdfast.orchestrator.intake.Replay;
import dev.holdfast.orchestrator.link.Apps;
import dev.holdfast.orchestrator.link.Linked;
import dev.holdfast.orchestrator.link.Links;
import dev.holdfast.orchestrator.link.Resealing;
import dev.holdfast.orchestrator.link.Tokens;
import dev.holdfast.orchestrator.log.LogStore;
import dev.holdfast.orchestrator.metric.Metrics;
import dev.holdfast.orchestrator.queue.LeaseText;
import dev.holdfast.orchestrator.queue.Leases;
import dev.holdfast.orchestrator.relay.Relay;
import dev.holdfast.orchestrator.report.Reports;
import dev.holdfast.orchestrator.repository.Repositories;
import dev.holdfast.orchestrator.repository.Repository;
import dev.holdfast.orchestrator.run.Attempts;
import dev.holdfast.orchestrator.run.Handover;
import dev.holdfast.orchestrator.run.Plans;
import dev.holdfast.orchestrator.run.RunWatch;
import dev.holdfast.orchestrator.run.Runs;
import dev.holdfast.orchestrator.schedule.Timetable;
import dev.holdfast.orchestrator.seal.DataKeys;
import dev.holdfast.orchestrator.seal.Installation;
import dev.holdfast.orchestrator.seal.MasterKeys;
import dev.holdfast.orchestrator.seal.MasterRotation;
import dev.holdfast.orchestrator.seal.Seal;
import dev.holdfast.orchestrator.seal.SigningKey;
import dev.holdfast.orchestrator.secret.Fit;
import dev.holdfast.orchestrator.secret.Resolving;
import dev.holdfast.orchestrator.secret.SealedOutputs;
import dev.holdfast.orchestrator.secret.SecretDelivery;
import dev.holdfast.orchestrator.secret.SecretOutputs;
import dev.holdfast.orchestrator.secret.Secrets;
import dev.holdfast.orchestrator.secret.SeenBy;
import dev.holdfast.orchestrator.taint.Taint;
import dev.holdfast.orchestrator.web.WebServer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A running orchestrator. Closing it answers who waits, finishes what it began, and ends. */
public final class Orchestrator implements AutoCloseable {
  private final Database database;
  private final Calls calls;
  private final Clock clock;
  private final Intake intake;
  private final Leases leases;
  private final RunWatch watch;
  private final WebServer web;
  private final Linking linking;
  private final SigningIn signingIn;
  private final Chores chores;
  private final Chores clockwork;
  private final LogStore logs;
  private final List<EventSource.Running> sources = new CopyOnWriteArrayList<>();
  private final Repositories repositories;
  private final Checkpoints checkpoints;
  private final Reports reports;
  private final Deliveries deliveries;
  private final Relay relay;
  private final Issuer issuer;
  private final Optional<String> adminToken;
  private final MasterKeys masters;
  private final DataKeys dataKeys;
  private final Chores rewrapping;
  private final SecretDelivery secretDelivery;
  private final SecretOutputs secretOutputs;

  private Orchestrator(
      OrchestratorConfig config, Clock clock, Outside outside, Metrics metrics, Database database)
      throws IOException {
    this.database = database;
    this.clock = clock;
    this.logs = outside.logs();
    this.checkpoints = Checkpoints.open(config.data(), database, clock);
    Audit audit = new AuditLog(clock);
    var access = Access.in(database, clock, audit);
    this.linking = new Linking(access, outside.signIn(), clock);
    this.signingIn = new SigningIn(access, outside.signIn(), clock);
    this.adminToken = AdminToken.ensure(access, config.data());
    this.repositories = Repositories.in(database, clock);
    this.masters =
        MasterKeys.open(config.data().resolve("keys"), config.keys(), config.credentials());
    this.dataKeys = new DataKeys(database, masters, Installation.of(config.data()), clock);
    var seal = Seal.with(dataKeys, config.data().resolve("keys/master.key"));
    Resealing.all(database, seal);
    var apps = new Apps(database, seal);
    var links = new Links(database, seal, apps);
    this.calls = outside.calls();
    var appCalls = new AppCalls(calls);
    var tokens = new Tokens(links, apps, appCalls, clock);
    Forge forge = outside.forge().apply(tokens);
    People people = outside.people().apply(tokens);
    var agents = new Agents(database, clock);
    this.watch = new RunWatch();
    var signals = new Signals(watch, logs, metrics);
    var runs = new Runs(database, new Plans(), signals);
    var rights = access.rights();
    var approvalKey = SigningKey.open(config.data().resolve("keys/approval.key"));
    Files.writeString(config.data().resolve("keys/approval.pub"), approvalKey.openText() + "\n");
    var clearances = new Clearances(approvalKey, database.ids());
    var rotation =
        new MasterRotation(
            database,
            masters,
            dataKeys,
            clock,
            (s, actor, action, subject, reasons) ->
                audit.record(
                    s,
                    new Audit.Entry(
                        actor, action, subject, Optional.empty(), Audit.Outcome.DONE, reasons)));
    Fit fit = Maskable::refusal;
    this.secretOutputs = new SealedOutputs(dataKeys);
    var holds = new Holds(database, runs, audit, clearances);
    var environments = new Environments(approvalKey);
    var deployments = new Deployments(database);
    var approving =
        new Approving(database, holds, runs, rights, repositories, audit, clearances, environments);
    var entering =
        new Entering(database, environments, deployments, holds, runs, clearances, audit);
    this.secretDelivery =
        new Resolving(
            database,
            dataKeys,
            masters::vault,
            new ClearedSecrets(clearances, entering::opened),
            fit,
            audit,
            clock);
    var attempts =
        new Attempts(database, runs, new Handover(secretDelivery::handed, secretDelivery::used));
    this.leases =
        new Leases(
            database,
            attempts,
            new LeaseText(runs, attempts, repositories, tokens, entering),
            clock,
            (session, job, now) ->
                approving.mayStart(session, job, now) && entering.mayEnter(session, job, now),
            config.lease());
    signals.wake(leases);
    leases.resume();
    var timetable = new Timetable(database, repositories, forge, outside.reader(), clock);
    var deciding = new Deciding(database, forge, people, rights, environments, clock);
    this.intake =
        new Intake(
            database,
            repositories,
            forge,
            outside.reader(),
            deciding,
            runs,
            holds,
            clearances,
            clock,
            event -> {
              metrics.eventAccepted();
              timetable.heard(event);
            });
    var comments =
        new Comments(database, approving, holds, runs, repositories, rights, audit, clock);
    this.reports =
        new Reports(
            database, repositories, tokens, outside.dialects(), config.publicUrl(), metrics, clock);
    this.deliveries =
        new Arrivals(
            intake,
            comments,
            people,
            tokens,
            repository -> sources.forEach(source -> source.look(repository)));
    var again = new Again(database, holds, intake::wake);
    var linked = new Linked(links, apps, appCalls);
    var hooks =
        new Hooks(linked, repositories, forge, outside.dialects(), deliveries, metrics, clock);
    this.relay = Relay.of(config.relay(), database, seal, links, hooks, audit, metrics, clock);
    this.issuer = new Issuer(config.publicUrl(), database, seal, audit, clock);
    Gauges.of(metrics, database, leases);
    var taint = new Taint(runs, attempts, approvalKey.open(), audit);
    var kept =
        new Kept(
            database,
            new FileBlobStore(config.data().resolve("blob"), clock),
            taint,
            new Caches(taint, database.ids(), Caches.Room.standard()),
            new Artifacts(runs, taint, database.ids(), Artifacts.Room.standard()),
            repositories,
            forge,
            audit,
            clock);
    this.web =
        WebServer.start(
            config.host(),
            config.port(),
            new WebServer.Parts(
                database,
                repositories,
                forge,
                intake,
                runs,
                attempts,
                watch,
                leases,
                agents,
                clearances,
                access,
                linking,
                signingIn,
                holds,
                approving,
                environments,
                deployments,
                new StepHolds(database, holds, runs, attempts, approving),
                again,
                linked,
                hooks,
                relay,
                new WebServer.IdentityParts(
                    issuer,
                    new Identities(
                        database, repositories, attempts, taint, clearances, entering, issuer)),
                outside.dialects(),
                new Replay(database, repositories, forge, outside.reader(), deciding),
                new Differences(forge, outside.reader()),
                people,
                audit,
                () -> LogCheck.of(config.data(), Optional.empty(), Optional.empty()),
                new WebServer.SecretParts(
                    new Secrets(database, dataKeys, fit, clock),
                    new SeenBy(database),
                    masters,
                    rotation),
                kept,
                logs,
                metrics,
                secretDelivery,
                clock));
    this.chores =
        new Chores(
            List.of(
                intake::sweep,
                leases::sweep,
                () -> holds.sweep(clock.instant()),
                () -> entering.sweep(clock.instant()),
                comments::sweep,
                checkpoints::sweep,
                kept::sweep,
                issuer::sweep));
    // Of its own: it asks forges, which may take their time.
    this.clockwork = new Chores(List.of(() -> timetable.sweep(intake), reports::sweep));
    // Of its own too: it may ask a key service, and wraps what there is in one go.
    this.rewrapping = new Chores(List.of(rotation::sweep));
  }

  /**
   * What the orchestrator stands on.
   *
   * @param reader reads a repository's definitions as data
   * @param logs is closed with the orchestrator
   * @param forge where repositories live, with what to show to it
   * @param calls of forges' APIs; closed with the orchestrator
   * @param dialects how each kind of forge is spoken to
   * @param people what forges say of people, with what to show to them
   * @param sources of events; started last, ended first
   * @param signIn what Holdfast is registered as at a forge, by {@code Contributor.forge}
   */
  public record Outside(
      Function<Credentials, Forge> forge,
      Function<DefinitionFiles, Definitions> reader,
      LogStore logs,
      Calls calls,
      Function<Repository.Kind, Dialect> dialects,
      Function<Credentials, People> people,
      List<EventSource> sources,
      SignInClients signIn) {}

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
      started.relay.start();
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

  /** The same for what browsers are shown. */
  Map<String, String> pages() {
    return web.pages();
  }

  /** Where goes what webhooks say. */
  Deliveries deliveries() {
    return deliveries;
  }

  /** Gives secrets to attempts. */
  SecretDelivery secretDelivery() {
    return secretDelivery;
  }

  /** Seals what jobs hand to other jobs. */
  SecretOutputs secretOutputs() {
    return secretOutputs;
  }

  /** Adds a repository at a forge; whoever does vouches for what stands there. Answers its id. */
  String addAtForge(
      Name name, Repository.Location.AtForge location, RefName branch, CommitId settled) {
    Repository added = repositories.add(name, location);
    database.write(s -> {
      Settled.found(s, added.id(), branch, settled, clock.instant());
      return true;
    });
    return added.id();
  }

  /** The admin token, if this start made it; it is never known again. */
  public Optional<String> adminToken() {
    return adminToken;
  }

  @Override
  public void close() throws IOException {
    relay.close();
    sources.forEach(EventSource.Running::close);
    clockwork.close();
    rewrapping.close();
    reports.close();
    chores.close();
    intake.close();
    leases.close();
    watch.close();
    web.close();
    linking.close();
    signingIn.close();
    checkpoints.close();
    database.close();
    dataKeys.close();
    masters.close();
    logs.close();
    calls.close();
  }
}

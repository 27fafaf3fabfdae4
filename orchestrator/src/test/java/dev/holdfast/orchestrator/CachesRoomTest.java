package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.definition.Cache;
import dev.holdfast.model.definition.CacheKey;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.KeyPart;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trust.ForgePermission;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.KeepApi;
import dev.holdfast.orchestrator.audit.AuditLog;
import dev.holdfast.orchestrator.cache.CacheEntry;
import dev.holdfast.orchestrator.cache.Caches;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.run.Attempts;
import dev.holdfast.orchestrator.run.Handover;
import dev.holdfast.orchestrator.run.Plans;
import dev.holdfast.orchestrator.run.RunWatch;
import dev.holdfast.orchestrator.run.Runs;
import dev.holdfast.orchestrator.seal.SigningKey;
import dev.holdfast.orchestrator.taint.Standing;
import dev.holdfast.orchestrator.taint.Taint;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much is kept, of whom, and what goes first: on the database of an installation that ran. */
class CachesRoomTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Optional<RefName> MAIN = Optional.of(new RefName("main"));

  @TempDir Path data;
  private Database database;
  private Taint taint;
  private Caches caches;
  private String repository;
  private String trusted;
  private String known;
  private int minute;
  private LinkedOwner linked;
  private final List<AgentApi.Held> open = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    var clock = new ManualClock();
    try (Stage stage = new Stage(data, clock)) {
      Job plain = Stage.job("build");
      var cache =
          new Cache(
              List.of("x"),
              new CacheKey(List.of(new KeyPart.Text("k"), new KeyPart.Files(List.of("f")))),
              List.of(),
              Optional.empty());
      stage.forge.define(
          new Workflow(
              new Name("ci"),
              List.of(new Trigger.Push(List.of(), List.of(), List.of())),
              List.of(
                  new Job(
                      plain.name(),
                      plain.needs(),
                      plain.runsOn(),
                      plain.image(),
                      plain.env(),
                      plain.matrix(),
                      plain.directory(),
                      plain.when(),
                      plain.timeout(),
                      plain.tier(),
                      plain.user(),
                      plain.services(),
                      plain.approval(),
                      plain.environments(),
                      List.of(cache),
                      Optional.empty(),
                      Optional.empty(),
                      plain.steps()))));
      stage.people.permit("1", ForgePermission.ADMIN);
      stage.people.permit("42", ForgePermission.WRITE);
      linked = new LinkedOwner(stage);
      repository = stage.atForge("app", linked.host(), 7, ScriptedForge.COMMIT);
      linked.link(stage, "1");
      Caller agent = stage.agent("one");
      String id = agent.register("one", 9, "linux").agent();
      trusted = attempt(stage, agent, id, "1", clock);
      known = attempt(stage, agent, id, "42", clock);
    }
    database = Database.open(data, clock, size -> {});
    var runs =
        new Runs(
            database,
            new Plans(),
            new Signals(
                new RunWatch(),
                new MemoryLogStore(),
                new dev.holdfast.orchestrator.metric.Metrics()));
    taint =
        new Taint(
            runs,
            new Attempts(
                database,
                runs,
                new Handover(
                    (session, attempt, step, names, at) -> {}, (session, attempt, used) -> {})),
            SigningKey.open(data.resolve("keys/approval.key")).open(),
            new AuditLog(clock));
    caches = new Caches(taint, database.ids(), new Caches.Room(100, 50, Duration.ofDays(30)));
  }

  @AfterEach
  void stop() {
    linked.close();
    database.close();
  }

  private String attempt(Stage stage, Caller agent, String id, String who, ManualClock clock) {
    Contributor by = linked.contributor(who, "somebody");
    var head = new CommitId(String.format("%040d", 100 + Integer.parseInt(who)));
    stage.deliver(
        new Event(
            "push-" + who,
            repository,
            clock.instant(),
            Optional.of(by),
            new Happening.Push(
                new RefName("main"), head, Optional.of(ScriptedForge.COMMIT), false)),
        List.of(new Lookup.Known<>(by)));
    AgentApi.Held[] held = open.toArray(AgentApi.Held[]::new);
    List<AgentApi.Lease> given =
        await().until(() -> agent.lease(id, 9, Duration.ZERO, held), leases -> !leases.isEmpty());
    open.add(Caller.held(given.getFirst()));
    return given.getFirst().attempt();
  }

  private static String hash(String of) {
    return Sha256.hex(of);
  }

  private KeepApi.Committed keep(String attempt, String what, long size) {
    return database.write(s -> {
      Standing job = taint.of(s, attempt);
      return caches.keep(
          s,
          job,
          0,
          List.of(hash(what)),
          new Digest("sha256:" + hash(what)),
          size,
          START.plusSeconds(60L * minute++));
    });
  }

  private boolean finds(String attempt, String what) {
    return database.write(s ->
        !caches
            .find(
                s,
                taint.of(s, attempt),
                0,
                List.of(hash(what)),
                MAIN,
                START.plusSeconds(60L * minute++))
            .items()
            .isEmpty());
  }

  private List<String> there(Trust trust) {
    return database.read(s -> caches.list(s, repository)).stream()
        .filter(entry -> entry.trust() == trust)
        .map(CacheEntry::key)
        .toList();
  }

  private static String key(String what) {
    return "k-" + hash(what);
  }

  @Test
  void whoIsTrustedLess_pushesOutNothingOfOthers() {
    assertThat(keep(trusted, "good", 90).kept()).isTrue();
    for (int i = 0; i < 10; i++) {
      assertThat(keep(known, "flood" + i, 20).kept()).isTrue();
    }
    assertThat(there(Trust.TRUSTED)).containsExactly(key("good"));
    assertThat(there(Trust.KNOWN)).containsExactly(key("flood9"), key("flood8"));
    // The control: among those that are trusted alike, it does.
    assertThat(keep(trusted, "more", 20).kept()).isTrue();
    assertThat(there(Trust.TRUSTED)).containsExactly(key("more"));
  }

  @Test
  void whatIsUsedStays_whatNobodyUsesGoes() {
    keep(trusted, "a", 40);
    keep(trusted, "b", 40);
    assertThat(finds(trusted, "a")).isTrue();
    keep(trusted, "c", 40);
    assertThat(there(Trust.TRUSTED)).containsExactly(key("c"), key("a"));
    assertThat(finds(trusted, "b")).isFalse();
    database.write(s -> {
      caches.sweep(s, START.plus(Duration.ofDays(29)));
      return true;
    });
    assertThat(there(Trust.TRUSTED)).hasSize(2);
    database.write(s -> {
      caches.sweep(s, START.plus(Duration.ofDays(31)));
      return true;
    });
    assertThat(there(Trust.TRUSTED)).isEmpty();
  }

  @Test
  void whatIsLargerThanAllItsRoom_isNotKept() {
    assertThat(keep(known, "big", 51).why()).contains("larger than");
    assertThat(keep(trusted, "big", 51).kept()).isTrue();
  }

  @Test
  void aRunThatMayNotKeepCaches_keepsNone() {
    KeepApi.Offered offered =
        database.write(s -> {
          Standing job = taint.of(s, trusted);
          var restricted =
              new Standing(
                  job.attempt(),
                  job.run(),
                  job.job(),
                  job.event(),
                  job.definition(),
                  job.trust(),
                  job.taint(),
                  false);
          assertThat(caches.offer(s, job, 0, List.of(hash("x"))).wanted()).isTrue();
          return caches.offer(s, restricted, 0, List.of(hash("x")));
        });
    assertThat(offered.wanted()).isFalse();
    List<String> refusals =
        database.read(s ->
            s.list(
                "SELECT reasons FROM audit WHERE action = 'cache.write' AND outcome = 'REFUSED'",
                row -> row.text("reasons")));
    assertThat(refusals).hasSize(1);
  }
}

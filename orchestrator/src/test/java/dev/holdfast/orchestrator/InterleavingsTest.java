package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Somebody approves A while its author pushes B, a thousand times, at the same instant: whichever
 * comes first, B never runs, and A only if its approval was taken.
 */
class InterleavingsTest {
  private static final int TIMES = 1000;
  private static final int AT_ONCE = 50;
  private static final long SEED = 20261123;
  private static final Repository.Host FORGE =
      new Repository.Host(Repository.Kind.GITHUB, URI.create("http://127.0.0.1:1"));
  private static final Contributor STRANGER = new Contributor(FORGE.name(), "666", "stranger");

  @TempDir Path data;

  private record Race(long request, CommitId a, CommitId b) {
    static Race of(int number) {
      return new Race(number, commit(number, 'a'), commit(number, 'b'));
    }

    private static CommitId commit(int number, char letter) {
      return new CommitId(String.format("%036x", number) + ("" + letter).repeat(4));
    }
  }

  @Test
  void anApprovalIsOfWhatWasLookedAtInWhateverOrder() throws Exception {
    var random = new Random(SEED);
    var clock = new ManualClock();
    var approved = new HashSet<CommitId>();
    Set<CommitId> ran = java.util.concurrent.ConcurrentHashMap.newKeySet();
    int refused = 0;
    try (var stage = new Stage(data, clock);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      stage.forge.define(
          new Workflow(
              new Name("ci"),
              List.of(new Trigger.PullRequest(List.of(), List.of(), List.of())),
              List.of(Stage.job("test"))));
      Caller agent = stage.agent("one");
      String agentId = agent.register("one", TIMES, "linux").agent();
      Caller admin = stage.admin();
      for (int from = 0; from < TIMES; from += AT_ONCE) {
        String name = "app" + from;
        String repository = stage.atForge(name, FORGE, from + 1, ScriptedForge.COMMIT);
        var races = new ArrayList<Race>();
        for (int i = from; i < from + AT_ONCE; i++) {
          races.add(Race.of(i + 1));
        }
        for (Race race : races) {
          push(stage, repository, race.request(), race.a(), PullRequestAction.OPENED);
        }
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> stage.holds(name).size() == AT_ONCE);
        Map<String, String> holds = stage.holds(name);
        var go = new CountDownLatch(1);
        var answers = new ArrayList<Future<Boolean>>();
        var pushes = new ArrayList<Future<Boolean>>();
        for (Race race : races) {
          String hold = java.util.Objects.requireNonNull(holds.get(race.a().value()));
          boolean pushFirst = random.nextBoolean();
          long pause = random.nextInt(3_000_000);
          answers.add(
              threads.submit(() -> {
                go.await();
                java.util.concurrent.locks.LockSupport.parkNanos(pushFirst ? pause : 0);
                return admin.post("/api/v1/holds/" + hold + "/approve", "{}").status() == 200;
              }));
          pushes.add(
              threads.submit(() -> {
                go.await();
                java.util.concurrent.locks.LockSupport.parkNanos(pushFirst ? 0 : pause);
                push(stage, repository, race.request(), race.b(), PullRequestAction.SYNCHRONIZED);
                return true;
              }));
        }
        Future<Boolean> leasing =
            threads.submit(() -> {
              go.await();
              boolean more = true;
              while (more) {
                more = pushes.stream().anyMatch(push -> !push.isDone());
                for (AgentApi.Lease lease : agent.lease(agentId, TIMES, Duration.ZERO)) {
                  ran.add(lease.source().commit());
                }
              }
              return true;
            });
        go.countDown();
        for (int i = 0; i < races.size(); i++) {
          assertThat(pushes.get(i).get()).isTrue();
          if (answers.get(i).get()) {
            approved.add(races.get(i).a());
          } else {
            refused++;
          }
        }
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .until(() ->
                stage
                    .holds(name)
                    .keySet()
                    .equals(
                        races.stream()
                            .map(race -> race.b().value())
                            .collect(java.util.stream.Collectors.toSet())));
        assertThat(leasing.get()).isTrue();
      }
    }
    assertThat(approved).as("runs are of approved commits only").containsAll(ran);
    assertThat(ran).as("no commit that was pushed after the look").noneMatch(InterleavingsTest::b);
    System.out.printf(
        "figure: %d races, %d approved before the push, %d after it and refused, %d leased%n",
        TIMES, approved.size(), refused, ran.size());
    assertThat(approved).as("an approval came first at least once").isNotEmpty();
    assertThat(refused).as("a push came first at least once").isPositive();
    assertThat(ran).as("an agent came in between at least once").isNotEmpty();
  }

  private static boolean b(CommitId commit) {
    return commit.value().endsWith("b");
  }

  private static void push(
      Stage stage, String repository, long request, CommitId head, PullRequestAction action) {
    stage.deliver(
        new Event(
            action + "-" + head,
            repository,
            java.time.Instant.EPOCH,
            Optional.of(STRANGER),
            new Happening.PullRequest(
                request,
                action,
                new RefName("main"),
                ScriptedForge.COMMIT,
                new RefName("topic"),
                head,
                true)),
        List.of(new Lookup.Known<>(STRANGER)));
  }
}

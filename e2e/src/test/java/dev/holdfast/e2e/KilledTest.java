package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code kill -9} at the worst moment leaves. */
class KilledTest {
  @TempDir Path folder;

  private static final String COUNTING =
      """
      on: push
      jobs:
        slow:
          steps:
            - {name: count, run: 'for i in $(seq 1 40); do echo "line $i"; sleep 0.1; done'}
      """;

  private static final String EXPECTED =
      IntStream.rangeClosed(1, 40).mapToObj(i -> "line " + i + "\n").reduce("", String::concat);

  @ParameterizedTest
  @EnumSource
  void anAgentKilledInMidJobLosesNothingAndLeavesNothing(Backend backend) throws Exception {
    backend.assume();
    var repository = TestRepository.create(folder);
    try (var holdfast = Installation.start(folder)) {
      Running first = holdfast.startAgent("first", backend, 1);
      holdfast.addRepository("app", repository);
      repository.write(".holdfast/ci.yaml", COUNTING).commit("count");
      repository.push("main");
      String attempt = awaitLogOf(holdfast, "line 5\n");
      if (backend == Backend.NAMESPACES) {
        // The control: what is looked for after the kill is there before it.
        assertThat(Host.processes(holdfast.agentData("first"))).isNotEmpty();
      }
      first.kill9();
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> Host.processes(holdfast.agentData("first")).isEmpty());
      holdfast.startAgent("second", backend, 1);

      var run = new Run(holdfast.awaitRuns("app", 1).getFirst());
      assertThat(run.state()).isEqualTo("succeeded");
      assertThat(run.attempts("slow"))
          .extracting(a -> Api.string(a, "state"))
          .containsExactly("lost", "succeeded");
      assertThat(text(holdfast.log(run.lastAttempt("slow")))).isEqualTo(EXPECTED);
      assertThat(EXPECTED).startsWith(text(holdfast.log(attempt)));
      assertThat(Host.traces(holdfast.agentData("second"))).isEmpty();

      // What the killed agent had on disk goes when it starts again.
      holdfast.startAgent("first", backend, 1);
      assertThat(Host.traces(holdfast.agentData("first"))).isEmpty();
    }
  }

  @Test
  void anAgentThatComesBackLateWritesIntoNothing() throws Exception {
    var repository = TestRepository.create(folder);
    try (var holdfast = Installation.start(folder)) {
      Running late = holdfast.startAgent("late", Backend.NAMESPACES, 1);
      holdfast.addRepository("app", repository);
      repository.write(".holdfast/ci.yaml", COUNTING).commit("count");
      repository.push("main");
      String attempt = awaitLogOf(holdfast, "line 5\n");
      late.signal("STOP");
      String lateLog;
      try {
        holdfast.startAgent("second", Backend.NAMESPACES, 1);
        var run = new Run(holdfast.awaitRuns("app", 1).getFirst());
        assertThat(run.state()).isEqualTo("succeeded");
        lateLog = text(holdfast.log(attempt));
      } finally {
        late.signal("CONT");
      }
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> Host.processes(holdfast.agentData("late")).isEmpty());
      var run = new Run(holdfast.awaitRuns("app", 1).getFirst());
      assertThat(run.attempts("slow"))
          .extracting(a -> Api.string(a, "state"))
          .containsExactly("lost", "succeeded");
      assertThat(text(holdfast.log(attempt))).isEqualTo(lateLog);
      assertThat(text(holdfast.log(run.lastAttempt("slow")))).isEqualTo(EXPECTED);
    }
  }

  @Test
  void aServerKilledUnderLoadMakesExactlyOneRunOfEachAcknowledgedEvent() throws Exception {
    var repository = TestRepository.create(folder);
    repository
        .write(
            ".holdfast/ci.yaml",
            """
            on: [push, manual]
            jobs:
              quick:
                runs-on: nobody
                steps: [{name: x, run: 'true'}]
            """)
        .commit("load");
    try (var holdfast = Installation.start(folder)) {
      holdfast.addRepository("app", repository);
      repository.push("main");
      holdfast.awaitQueued("app", 1);
      var acknowledged = new ArrayList<String>();
      int kills = 5;
      var sent = new AtomicInteger();
      for (int kill = 0; kill < kills; kill++) {
        var load = new ArrayList<Thread>();
        for (int i = 0; i < 8; i++) {
          load.add(
              Thread.ofVirtual()
                  .start(() -> startUntilRefused(holdfast.api(), sent, acknowledged)));
        }
        int enough = 40 * (kill + 1);
        await().atMost(Duration.ofSeconds(60)).until(() -> sent.get() >= enough);
        holdfast.server().kill9();
        for (Thread client : load) {
          client.join();
        }
        repository.commit("pushed while the server is down " + kill);
        repository.push("main");
        holdfast.restartServer();
      }
      // One run for the first push, one for each made while it was down.
      List<Json> runs = holdfast.awaitQueued("app", acknowledged.size() + 1 + kills);
      var runsOf = new HashMap<String, List<String>>();
      for (Json event : holdfast.allEvents("app")) {
        List<String> started =
            Api.list(event, "workflows").stream().map(w -> Api.string(w, "run")).toList();
        runsOf.merge(
            Api.string(event, "delivery"),
            started,
            (a, b) -> {
              throw new AssertionError("a delivery is in the inbox twice");
            });
      }
      assertThat(runsOf.keySet()).containsAll(acknowledged);
      assertThat(runsOf.values()).allMatch(started -> started.size() == 1);
      // Every run belongs to an event, and no event has two.
      assertThat(runs).hasSize(runsOf.size());
      assertThat(runsOf.values().stream().flatMap(List::stream).distinct()).hasSize(runsOf.size());
      System.out.println(
          "figure: events acknowledged over "
              + kills
              + " kills = "
              + acknowledged.size()
              + " events");
    }
  }

  private static void startUntilRefused(Api api, AtomicInteger sent, List<String> acknowledged) {
    while (true) {
      try {
        Api.Answer answer =
            api.post(
                "/api/v1/repositories/app/events",
                "{\"workflow\":\"ci\",\"ref\":\"main\",\"inputs\":{}}");
        if (answer.status() >= 300) {
          return;
        }
        synchronized (acknowledged) {
          acknowledged.add(Api.string(answer.json(), "delivery"));
        }
        sent.incrementAndGet();
      } catch (java.io.UncheckedIOException e) {
        return; // the server is gone, as it should be
      }
    }
  }

  private static String awaitLogOf(Installation holdfast, String part) {
    var found = new ArrayList<String>();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> {
          for (Json run :
              Api.list(holdfast.api().get("/api/v1/runs?repository=app").json(), "runs")) {
            var whole = new Run(holdfast.run(Api.string(run, "id")));
            if (!whole.attempts("slow").isEmpty()) {
              String attempt = whole.lastAttempt("slow");
              if (text(holdfast.log(attempt)).contains(part)) {
                found.add(attempt);
              }
            }
          }
          return !found.isEmpty();
        });
    return found.getFirst();
  }

  private static String text(byte[] log) {
    return new String(log, StandardCharsets.UTF_8);
  }
}

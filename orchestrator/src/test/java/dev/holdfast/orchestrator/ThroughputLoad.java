package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many jobs a second go through their whole life over HTTP, with agents that do nothing. Not
 * part of the tests, since it measures a machine: {@code -Dtest=ThroughputLoad}.
 */
class ThroughputLoad {
  private static final int WARM_UP = 3000;
  private static final int JOBS = 5000;
  private static final int AGENTS = 4;
  private static final int LEASES = 16;
  private static final int CALLERS = 16;

  @TempDir Path data;

  /** The same without a test's frame, for profilers: give it an empty folder. */
  public static void main(String[] arguments) throws Exception {
    var load = new ThroughputLoad();
    load.data = Path.of(arguments[0]);
    load.work();
  }

  @Test
  void jobsPerSecond() throws Exception {
    work();
  }

  private void work() throws Exception {
    try (Stage stage = new Stage(data, Clock.systemUTC());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      stage.forge.define(Stage.workflow("ci", Stage.job("test")));
      for (int i = 0; i < AGENTS; i++) {
        stage.repository("app" + i);
      }
      var done = new AtomicInteger();
      var agents = new ArrayList<Future<?>>();
      for (int i = 0; i < AGENTS; i++) {
        String name = "agent" + i;
        agents.add(threads.submit(() -> work(stage, threads, name, done)));
      }
      measure(stage, threads, done, WARM_UP, "warm-up");
      measure(stage, threads, done, JOBS, "measured");
      for (Future<?> agent : agents) {
        agent.get();
      }
      assertThat(stage.admin().get("/api/v1/runs?limit=1000&state=queued").at("runs"))
          .isEqualTo("null");
      System.out.println(
          stage
              .admin()
              .get("/metrics")
              .text()
              .lines()
              .filter(l -> l.startsWith("holdfast_commit") || l.startsWith("holdfast_queue"))
              .toList());
    }
  }

  private static void measure(
      Stage stage, ExecutorService threads, AtomicInteger done, int jobs, String what)
      throws Exception {
    int target = done.get() + jobs;
    long begun = System.nanoTime();
    long cpu = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    var left = new AtomicInteger(jobs);
    Caller admin = stage.admin();
    var callers = new ArrayList<Future<?>>();
    for (int c = 0; c < CALLERS; c++) {
      int repository = c % AGENTS;
      callers.add(
          threads.submit(() -> {
            while (left.getAndDecrement() > 0) {
              assertThat(
                      admin
                          .post(
                              "/api/v1/repositories/app" + repository + "/events",
                              "{\"workflow\": \"ci\"}")
                          .status())
                  .isEqualTo(202);
            }
            return null;
          }));
    }
    for (Future<?> caller : callers) {
      caller.get();
    }
    long accepted = System.nanoTime();
    while (done.get() < target) {
      Thread.sleep(1);
    }
    long end = System.nanoTime();
    long used = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() - cpu;
    System.out.printf(
        "%s: %d jobs, %.0f jobs/s, %.2f ms of processor per job, clients included; the last event was accepted after %.2f of %.2f s%n",
        what,
        jobs,
        jobs * 1e9 / (end - begun),
        used / 1e6 / jobs,
        (accepted - begun) / 1e9,
        (end - begun) / 1e9);
  }

  private static Object work(Stage stage, ExecutorService threads, String name, AtomicInteger done)
      throws Exception {
    Caller agent = stage.agent(name);
    String id = agent.register(name, LEASES).agent();
    while (done.get() < WARM_UP + JOBS) {
      List<AgentApi.Lease> leases = agent.lease(id, LEASES, Duration.ofMillis(300));
      var completions = new ArrayList<Future<?>>();
      for (AgentApi.Lease lease : leases) {
        completions.add(
            threads.submit(() -> {
              agent.complete(lease, new Outcome.Succeeded());
              done.incrementAndGet();
              return null;
            }));
      }
      for (Future<?> completion : completions) {
        completion.get();
      }
    }
    return name;
  }
}

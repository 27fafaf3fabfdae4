package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
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
    long spawned = System.nanoTime();
    Process server = KilledServerTest.Server.spawn(data);
    try (var out = server.inputReader();
        HttpClient client = HttpClient.newHttpClient();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      int port = Integer.parseInt(out.readLine());
      System.out.printf(
          "start: %.0f ms to listening, %s resident%n",
          (System.nanoTime() - spawned) / 1e6, resident(server));
      var admin = new Caller(client, port, Files.readString(data.resolve("admin-token")).strip());
      for (int i = 0; i < AGENTS; i++) {
        admin.post(
            "/api/v1/repositories",
            "{\"name\": \"app" + i + "\", \"url\": \"/tmp/" + i + ".git\"}");
      }
      var done = new AtomicInteger();
      var agents = new ArrayList<Future<?>>();
      for (int i = 0; i < AGENTS; i++) {
        String name = "agent" + i;
        String token =
            admin.post("/api/v1/agent-tokens", "{\"name\": \"" + name + "\"}").at("token");
        agents.add(
            threads.submit(() -> work(new Caller(client, port, token), threads, name, done)));
      }
      measure(server, admin, threads, done, WARM_UP, "warm-up");
      measure(server, admin, threads, done, JOBS, "measured");
      for (Future<?> agent : agents) {
        agent.get();
      }
      System.out.println(
          "after the load: "
              + resident(server)
              + " resident; "
              + admin
                  .get("/metrics")
                  .text()
                  .lines()
                  .filter(l -> l.startsWith("holdfast_commit") || l.startsWith("holdfast_queue"))
                  .toList());
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  private static String resident(Process process) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .findFirst()
        .orElse("unknown")
        .replaceAll("[^0-9]*([0-9]+) kB", "$1 KiB");
  }

  private static void measure(
      Process server,
      Caller admin,
      ExecutorService threads,
      AtomicInteger done,
      int jobs,
      String what)
      throws Exception {
    int target = done.get() + jobs;
    long begun = System.nanoTime();
    long cpu = server.info().totalCpuDuration().orElseThrow().toNanos();
    var left = new AtomicInteger(jobs);
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
    long used = server.info().totalCpuDuration().orElseThrow().toNanos() - cpu;
    System.out.printf(
        "%s: %d jobs, %.0f jobs/s, %.2f ms of the server's processor time per job; the last event was accepted after %.2f of %.2f s%n",
        what,
        jobs,
        jobs * 1e9 / (end - begun),
        used / 1e6 / jobs,
        (accepted - begun) / 1e9,
        (end - begun) / 1e9);
  }

  private static Object work(Caller agent, ExecutorService threads, String name, AtomicInteger done)
      throws Exception {
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

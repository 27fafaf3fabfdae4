package dev.holdfast.bench.throughput;

import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.floor.SqliteLoops;
import dev.holdfast.bench.installation.Api;
import dev.holdfast.bench.installation.Doc;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.bench.installation.SourceRepository;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Jobs a second through their whole life over HTTP: a manual event for each, lease, two batches of
 * events, completion; every one of these answers is durable. The agents do nothing. A rate is from
 * before the first event is sent until the last completion is answered.
 */
public final class Throughput implements Measurement {
  private static final double TARGET = 500;
  private static final int ROUNDS = 3;
  private static final int JOBS = 5000;
  private static final int WARM_UP = 3000;
  private static final int FLOOR_JOBS = 2000;
  private static final int AGENTS = 4;
  private static final int SENDERS = 8;
  private static final String REPOSITORY = "bench";
  private static final byte[] START = "{\"workflow\":\"bench\"}".getBytes(StandardCharsets.UTF_8);
  private static final String WORKFLOW =
      """
      name: bench
      on: manual
      jobs:
        one:
          steps: [{name: nothing, run: 'true'}]
      """;

  @Override
  public String name() {
    return "throughput";
  }

  @Override
  public void measure(Setting setting) throws Exception {
    int jobs = setting.times(JOBS, 200);
    int rounds = setting.times(ROUNDS, 1);
    int warmUp = setting.times(WARM_UP, 100);
    int floorJobs = setting.times(FLOOR_JOBS, 200);
    setting.say(
        rounds
            + " rounds of "
            + jobs
            + " jobs by agents that do nothing, after "
            + warmUp
            + " to warm up");
    Path folder = setting.scratch().folder("throughput");
    var rates = new ArrayList<Double>();
    var inserts = new ArrayList<Double>();
    var claims = new ArrayList<Double>();
    try (Server server = Server.start(setting.dist(), folder);
        SqliteLoops floor = SqliteLoops.in(folder)) {
      SourceRepository repository =
          SourceRepository.create(folder, "app")
              .write(".holdfast/bench.yaml", WORKFLOW.getBytes(StandardCharsets.UTF_8));
      repository.commit("A workflow that is started by hand");
      repository.push();
      server.add(REPOSITORY, repository);
      Set<String> completed = new HashSet<>();
      try (Fleet fleet = Fleet.start(server, AGENTS)) {
        round(server, fleet, warmUp);
        for (int i = 0; i < rounds; i++) {
          rates.add(round(server, fleet, jobs));
          inserts.add(floor.inserts(floorJobs));
          claims.add(floor.claimsAndCompletions(floorJobs));
        }
        setting.remember("server, after throughput", server.process());
        completed.addAll(fleet.stop());
      }
      verify(server, completed, warmUp + rounds * jobs);
    }
    double claim = new Samples(claims).median();
    setting
        .report()
        .add(
            Figure.of(name(), "whole life of a job", Unit.JOBS_PER_SECOND, new Samples(rates))
                .over("bare claim and complete", claim)
                .within(TARGET));
    setting
        .report()
        .add(
            Figure.of(
                name(),
                "floor: bare SQLite insert",
                Unit.OPERATIONS_PER_SECOND,
                new Samples(inserts)));
    setting
        .report()
        .add(
            Figure.of(
                name(),
                "floor: bare SQLite claim and complete",
                Unit.JOBS_PER_SECOND,
                new Samples(claims)));
  }

  private static double round(Server server, Fleet fleet, int jobs) throws Exception {
    int before = fleet.completed();
    var left = new AtomicInteger(jobs);
    var senders = new ArrayList<Future<?>>();
    long began = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(SENDERS)) {
      for (int i = 0; i < SENDERS; i++) {
        senders.add(threads.submit(() -> send(server, left)));
      }
      for (Future<?> sender : senders) {
        sender.get();
      }
    }
    fleet.awaitCompleted(before + jobs);
    return jobs / ((System.nanoTime() - began) / 1e9);
  }

  private static Object send(Server server, AtomicInteger left) throws IOException {
    int sent = 0;
    try (Api api = server.connect()) {
      while (left.getAndDecrement() > 0) {
        api.post("/api/v1/repositories/" + REPOSITORY + "/events", START);
        sent++;
      }
    }
    return sent;
  }

  /** Every event led to one run, every run succeeded, and the agents completed each once. */
  private static void verify(Server server, Set<String> completed, int expected)
      throws IOException {
    var seen = new HashSet<String>();
    try (Api api = server.connect()) {
      String before = "";
      while (true) {
        List<Doc> page = api.get("/api/v1/runs?limit=200" + before).list("runs");
        if (page.isEmpty()) {
          break;
        }
        for (Doc run : page) {
          String id = run.text("id");
          if (!run.text("state").equals("succeeded") || !seen.add(id)) {
            throw new IOException("the run " + id + " is " + run.text("state") + " or shown twice");
          }
        }
        before = "&before=" + page.getLast().text("id");
      }
    }
    if (seen.size() != expected || !seen.equals(completed)) {
      throw new IOException(
          expected
              + " events made "
              + seen.size()
              + " runs, and agents completed "
              + completed.size());
    }
  }
}

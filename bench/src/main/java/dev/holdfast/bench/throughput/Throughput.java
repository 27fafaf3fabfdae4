package dev.holdfast.bench.throughput;

import dev.holdfast.bench.figure.Figure;
import dev.holdfast.bench.figure.Samples;
import dev.holdfast.bench.figure.Unit;
import dev.holdfast.bench.floor.SqliteLoops;
import dev.holdfast.bench.host.Child;
import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.bench.installation.SourceRepository;
import dev.holdfast.bench.setting.Measurement;
import dev.holdfast.bench.setting.Setting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Jobs per second through the orchestrator: pushes arrive by the spool, become events, runs and
 * queued jobs, are leased over HTTP, reported in two calls each, and end. From the first push to
 * the acknowledgement of the last job's end. The agents are in this process, so that both share the
 * machine.
 */
public final class Throughput implements Measurement {
  private static final double TARGET_JOBS = 500;
  private static final int JOBS = 5000;
  private static final int WARM_UP = 2000;
  private static final int ROUNDS = 3;
  private static final int FLOOR_JOBS = 2000;
  private static final int AGENTS = 8;
  private static final int CAPACITY = 8;

  @Override
  public String name() {
    return "throughput";
  }

  /** A shape of the same work. */
  private enum Shape {
    NARROW("one job a run", 1),
    WIDE("ten jobs a run", 10);

    private final String words;
    private final int jobs;

    Shape(String words, int jobs) {
      this.words = words;
      this.jobs = jobs;
    }

    private String repository() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    private String workflow() {
      var values = new ArrayList<String>();
      for (int i = 0; i < jobs; i++) {
        values.add("v" + i);
      }
      return """
      name: bench
      on: push
      jobs:
        job:
          matrix: {part: [%s]}
          steps: [{name: nothing, run: 'true'}]
      """
          .formatted(String.join(", ", values));
    }
  }

  @Override
  public void measure(Setting setting) throws Exception {
    var inserts = new ArrayList<Double>();
    var claims = new ArrayList<Double>();
    for (Shape shape : Shape.values()) {
      setting.part(name() + ", " + shape.words, () -> measure(setting, shape, inserts, claims));
    }
    if (claims.isEmpty()) {
      return;
    }
    add(setting, "floor: SQLite inserts", inserts);
    add(setting, "floor: SQLite claims and completions", claims);
  }

  private void add(Setting setting, String what, List<Double> values) {
    setting.report().add(Figure.of(name(), what, Unit.OPERATIONS_PER_SECOND, new Samples(values)));
  }

  private void measure(Setting setting, Shape shape, List<Double> inserts, List<Double> claims)
      throws Exception {
    int jobs = setting.times(JOBS, 20);
    int warmUp = setting.times(WARM_UP, 0);
    int rounds = setting.times(ROUNDS, 1);
    setting.say(
        "throughput, "
            + shape.words
            + ": "
            + warmUp
            + " jobs to warm up, "
            + rounds
            + " x "
            + jobs);
    Path folder = setting.scratch().folder("throughput");
    var rates = new ArrayList<Double>();
    var serverCpu = new ArrayList<Double>();
    var ownCpu = new ArrayList<Double>();
    var agents = new ArrayList<NoOpAgent>();
    try (Server server = Server.start(setting.dist(), folder);
        SqliteLoops loops = SqliteLoops.in(folder)) {
      var work = new Work();
      try {
        var feed = feed(server, folder, shape);
        for (int i = 0; i < AGENTS; i++) {
          agents.add(NoOpAgent.start(server, "nobody-" + i, CAPACITY, work));
        }
        round(feed, work, warmUp, shape);
        for (int i = 0; i < rounds; i++) {
          Duration serverBefore = server.process().cpu();
          Duration ownBefore = Child.ownCpu();
          rates.add(round(feed, work, jobs, shape));
          serverCpu.add(millisAJob(serverBefore, server.process().cpu(), jobs));
          ownCpu.add(millisAJob(ownBefore, Child.ownCpu(), jobs));
          inserts.add(loops.inserts(setting.times(FLOOR_JOBS, 50)));
          claims.add(loops.claimsAndCompletions(setting.times(FLOOR_JOBS, 50)));
        }
        setting.remember("server, after throughput (" + shape.words + ")", server.process());
        Outcomes.check(server, shape.repository(), work.done() / shape.jobs, shape.jobs);
      } finally {
        for (NoOpAgent agent : agents) {
          agent.close();
        }
      }
    }
    Figure figure =
        Figure.of(name(), shape.words, Unit.JOBS_PER_SECOND, new Samples(rates))
            .over("SQLite claim + complete", new Samples(claims).median());
    setting.report().add(shape == Shape.NARROW ? figure.within(TARGET_JOBS) : figure);
    addCpu(setting, shape.words + ": server's processor time a job", serverCpu);
    addCpu(setting, shape.words + ": agents' processor time a job", ownCpu);
  }

  private void addCpu(Setting setting, String what, List<Double> values) {
    setting.report().add(Figure.of(name(), what, Unit.MILLISECONDS, new Samples(values)));
  }

  private static double millisAJob(Duration before, Duration after, int jobs) {
    return after.minus(before).toNanos() / 1e6 / jobs;
  }

  private static SpoolFeed feed(Server server, Path folder, Shape shape)
      throws IOException, InterruptedException {
    SourceRepository repository =
        SourceRepository.create(folder, shape.repository())
            .write(".holdfast/bench.yaml", shape.workflow().getBytes(StandardCharsets.UTF_8));
    String commit = repository.commit("Do nothing");
    Programs.must(repository.pushTo("origin"), repository.environment(), repository.work());
    server.add(shape.repository(), repository);
    return new SpoolFeed(repository.bare(), commit);
  }

  /** Pushes {@code jobs} jobs, waits until all are done, and answers how many in a second. */
  private static double round(SpoolFeed feed, Work work, int jobs, Shape shape)
      throws IOException, InterruptedException {
    int all = work.done() + jobs;
    long began = System.nanoTime();
    feed.push(jobs / shape.jobs);
    long ended = work.await(all);
    return jobs / ((ended - began) / 1e9);
  }
}

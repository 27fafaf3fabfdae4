package dev.holdfast.bench.push;

import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.installation.Api;
import dev.holdfast.bench.installation.Doc;
import dev.holdfast.bench.installation.Server;
import dev.holdfast.bench.installation.SourceRepository;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One push, and what came of it.
 *
 * @param total milliseconds from the start of {@code git push} to the first byte that a follower
 *     saw
 * @param git milliseconds until {@code git push} itself had ended
 * @param phases milliseconds of each of {@link #PHASES}, by the clocks of server and agent, which
 *     are this machine's; the first begins and the last ends with the total
 */
record Push(double total, double git, List<Double> phases) {
  /** What happens one after the other. */
  static final List<String> PHASES =
      List.of(
          "push started -> event accepted",
          "-> job queued",
          "-> job leased",
          "-> sandbox and runner ready",
          "-> first step started",
          "-> first byte at the follower");

  /** Pushes a commit that is ready, follows its run, and returns when the run is over. */
  static Push measure(Server server, String name, SourceRepository repository, String commit)
      throws IOException, InterruptedException {
    try (Api api = server.connect();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Follower.Seen> follower = threads.submit(() -> Follower.follow(api, commit));
      try {
        Instant startedAt = Instant.now();
        long started = System.nanoTime();
        double git =
            Programs.must(repository.pushTo("origin"), repository.environment(), repository.work())
                .millis();
        Follower.Seen seen = follower.get();
        double total = (seen.nanos() - started) / 1e6;
        Doc run = api.awaitSuccess(seen.run());
        return new Push(total, git, phases(api, name, run, startedAt, total));
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
      } finally {
        follower.cancel(true);
      }
    }
  }

  private static List<Double> phases(
      Api api, String repository, Doc run, Instant startedAt, double total) throws IOException {
    Doc job = run.list("jobs").getFirst();
    Doc attempt = job.list("attempts").getFirst();
    var moments = new ArrayList<Instant>();
    moments.add(startedAt);
    moments.add(accepted(api, repository, run.text("id")));
    moments.add(job.instant("queued"));
    moments.add(attempt.instant("leased"));
    moments.add(attempt.instant("started"));
    moments.add(attempt.list("steps").getFirst().instant("started"));
    moments.add(startedAt.plusNanos(Math.round(total * 1e6)));
    var phases = new ArrayList<Double>();
    for (int i = 1; i < moments.size(); i++) {
      phases.add(Duration.between(moments.get(i - 1), moments.get(i)).toNanos() / 1e6);
    }
    return phases;
  }

  private static Instant accepted(Api api, String repository, String run) throws IOException {
    for (Doc event :
        api.get("/api/v1/repositories/" + repository + "/events?limit=10").list("events")) {
      for (Doc started : event.list("workflows")) {
        if (started.object().fields().containsKey("run") && started.text("run").equals(run)) {
          return event.instant("received");
        }
      }
    }
    throw new IOException("the inbox of " + repository + " does not show what made " + run);
  }
}

package dev.holdfast.bench.throughput;

import dev.holdfast.bench.installation.Api;
import dev.holdfast.bench.installation.Doc;
import dev.holdfast.bench.installation.Server;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Asks the orchestrator itself what became of the jobs. */
final class Outcomes {
  private static final int PAGE = 1000;
  private static final int AT_ONCE = 4;

  private Outcomes() {}

  /**
   * Checks that there are exactly {@code runs} runs of {@code repository}, each with {@code jobs}
   * jobs, all succeeded at their first attempt.
   *
   * @throws IOException if it is not so
   */
  static void check(Server server, String repository, int runs, int jobs)
      throws IOException, InterruptedException {
    List<String> ids = succeeded(server, repository);
    if (ids.size() != runs) {
      throw new IOException(runs + " pushes led to " + ids.size() + " runs of " + repository);
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var parts = new ArrayList<Future<?>>();
      for (int i = 0; i < AT_ONCE; i++) {
        int part = i;
        parts.add(
            threads.submit(() -> {
              checkPart(server, ids, part, jobs);
              return true;
            }));
      }
      for (Future<?> part : parts) {
        part.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    }
  }

  private static List<String> succeeded(Server server, String repository) throws IOException {
    var ids = new ArrayList<String>();
    String before = "";
    try (Api api = server.connect()) {
      while (true) {
        List<Doc> page =
            api.get("/api/v1/runs?repository=" + repository + "&limit=" + PAGE + before)
                .list("runs");
        if (page.isEmpty()) {
          return ids;
        }
        for (Doc run : page) {
          if (!run.text("state").equals("succeeded")) {
            throw new IOException("the run " + run.text("id") + " is " + run.text("state"));
          }
          ids.add(run.text("id"));
        }
        before = "&before=" + ids.getLast();
      }
    }
  }

  private static void checkPart(Server server, List<String> ids, int part, int jobs)
      throws IOException {
    try (Api api = server.connect()) {
      for (int i = part; i < ids.size(); i += AT_ONCE) {
        List<Doc> all = api.get("/api/v1/runs/" + ids.get(i)).list("jobs");
        if (all.size() != jobs) {
          throw new IOException(ids.get(i) + " has " + all.size() + " jobs instead of " + jobs);
        }
        for (Doc job : all) {
          if (!job.text("state").equals("succeeded") || job.list("attempts").size() != 1) {
            throw new IOException(
                ids.get(i)
                    + ": the job "
                    + job.text("key")
                    + " is "
                    + job.text("state")
                    + " after "
                    + job.list("attempts").size()
                    + " attempts");
          }
        }
      }
    }
  }
}

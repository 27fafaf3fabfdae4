package dev.holdfast.bench.installation;

import dev.holdfast.bench.http.Connection;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The API that people and scripts use, over one connection. Used by one thread at a time. */
public record Api(Connection connection) implements AutoCloseable {
  /** Between two looks at what the API does not wait for. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** A question that has no answer at first. */
  private interface Question {
    List<Doc> ask() throws IOException;
  }

  public Doc get(String path) throws IOException {
    return Doc.of(connection.get(path).orThrow("GET " + path).body());
  }

  public Doc post(String path, byte[] json) throws IOException {
    return Doc.of(connection.post(path, json).orThrow("POST " + path).body());
  }

  /**
   * The run of {@code commit} once there is one, looked for every 10 ms.
   *
   * @throws IOException if there is none in a minute
   */
  public Doc awaitRun(String commit) throws IOException, InterruptedException {
    return await(
        "the push of " + commit + " made no run",
        () -> get("/api/v1/runs?limit=1&commit=" + commit).list("runs"));
  }

  /** The first attempt at the first job of {@code run}, as {@link #awaitRun}. */
  public Doc awaitAttempt(String run) throws IOException, InterruptedException {
    return await(
        "no agent took the job of " + run,
        () -> {
          List<Doc> jobs = get("/api/v1/runs/" + run).list("jobs");
          return jobs.isEmpty() ? List.of() : jobs.getFirst().list("attempts");
        });
  }

  private static Doc await(String otherwise, Question question)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (System.nanoTime() < end) {
      List<Doc> found = question.ask();
      if (!found.isEmpty()) {
        return found.getFirst();
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    throw new IOException(otherwise + " in a minute");
  }

  /**
   * The run once it is over.
   *
   * @throws IOException if it did not succeed, or takes more than five minutes
   */
  public Doc awaitSuccess(String run) throws IOException {
    Doc said = get("/api/v1/runs/" + run + "/wait?timeout=300");
    String state = said.text("state");
    if (!state.equals("succeeded")) {
      throw new IOException("the run " + run + " is " + state + ", not succeeded: " + why(said));
    }
    return said;
  }

  private static String why(Doc run) throws IOException {
    var all = new StringBuilder();
    for (Doc job : run.list("jobs")) {
      for (Doc attempt : job.list("attempts")) {
        all.append(attempt.object().fields().get("reason")).append(' ');
      }
    }
    return all.toString().strip();
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}

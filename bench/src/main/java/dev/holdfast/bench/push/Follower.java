package dev.holdfast.bench.push;

import dev.holdfast.bench.http.Connection;
import dev.holdfast.bench.installation.Api;
import dev.holdfast.bench.installation.Doc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Whoever looks at a log while it grows, over HTTP. */
final class Follower {
  /** What the first step prints. */
  static final String MARK = "the first byte is an h";

  private static final byte[] EXPECTED = (MARK + "\n").getBytes(StandardCharsets.UTF_8);

  /**
   * Between two looks for the run and for its attempt, which the API does not wait for. Both are
   * there long before the first output: it is the sandbox that takes time.
   */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private Follower() {}

  /**
   * @param nanos of {@link System#nanoTime} when the first byte was there
   */
  record Seen(String run, long nanos) {}

  /** Waits for the run of {@code commit} and reads its log to the end. */
  static Seen follow(Api api, String commit) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    String run = first(api, "/api/v1/runs?limit=1&commit=" + commit, "runs", end).text("id");
    Doc attempt = attempt(api, run, end);
    String path = "/api/v1/attempts/" + attempt.text("id") + "/log?follow=true";
    try (Connection.Body log = api.connection().stream("GET", path, new byte[0])) {
      int first = log.read();
      long nanos = System.nanoTime();
      byte[] rest = log.readAllBytes();
      if (log.status() != 200
          || first != EXPECTED[0]
          || rest.length != EXPECTED.length - 1
          || !new String(rest, StandardCharsets.UTF_8).equals(MARK.substring(1) + "\n")) {
        throw new IOException(
            "the log of "
                + run
                + " is answered with "
                + log.status()
                + " and is not what its step printed: "
                + (char) Math.max(first, ' ')
                + new String(rest, StandardCharsets.UTF_8));
      }
      return new Seen(run, nanos);
    }
  }

  private static Doc attempt(Api api, String run, long end)
      throws IOException, InterruptedException {
    while (true) {
      List<Doc> jobs = api.get("/api/v1/runs/" + run).list("jobs");
      List<Doc> attempts = jobs.isEmpty() ? List.of() : jobs.getFirst().list("attempts");
      if (!attempts.isEmpty()) {
        return attempts.getFirst();
      }
      pause(end, "no agent took the job of " + run);
    }
  }

  private static Doc first(Api api, String path, String field, long end)
      throws IOException, InterruptedException {
    while (true) {
      List<Doc> found = api.get(path).list(field);
      if (!found.isEmpty()) {
        return found.getFirst();
      }
      pause(end, "the push made no run");
    }
  }

  private static void pause(long end, String what) throws IOException, InterruptedException {
    if (System.nanoTime() > end) {
      throw new IOException(what + " in 60 s");
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    LockSupport.parkNanos(LOOK_NANOS);
  }
}

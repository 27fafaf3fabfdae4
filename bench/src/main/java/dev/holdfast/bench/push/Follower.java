package dev.holdfast.bench.push;

import dev.holdfast.bench.http.Connection;
import dev.holdfast.bench.installation.Api;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Whoever looks at a log while it grows, over HTTP. It has to look for the run and for its attempt,
 * which the API does not wait for; both are there long before the first output, since it is the
 * sandbox that takes time.
 */
final class Follower {
  /** What the first step prints. */
  static final String MARK = "the first byte is a t";

  private static final String EXPECTED = MARK + "\n";

  private Follower() {}

  /**
   * @param nanos of {@link System#nanoTime} when the first byte was there
   */
  record Seen(String run, long nanos) {}

  /** Waits for the run of {@code commit} and reads its log to the end. */
  static Seen follow(Api api, String commit) throws IOException, InterruptedException {
    String run = api.awaitRun(commit).text("id");
    String attempt = api.awaitAttempt(run).text("id");
    String path = "/api/v1/attempts/" + attempt + "/log?follow=true";
    try (Connection.Body log = api.connection().stream("GET", path, new byte[0])) {
      int first = log.read();
      long nanos = System.nanoTime();
      String all =
          (char) Math.max(first, 0) + new String(log.readAllBytes(), StandardCharsets.UTF_8);
      if (log.status() != 200 || !all.equals(EXPECTED)) {
        throw new IOException(
            "the log of "
                + run
                + " is answered with status "
                + log.status()
                + " and is not what its step printed: "
                + all);
      }
      return new Seen(run, nanos);
    }
  }
}

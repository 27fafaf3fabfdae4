package dev.holdfast.bench.installation;

import dev.holdfast.bench.http.Connection;
import java.io.IOException;

/** The API that people and scripts use, over one connection. Used by one thread at a time. */
public record Api(Connection connection) implements AutoCloseable {

  public Doc get(String path) throws IOException {
    return Doc.of(connection.get(path).orThrow("GET " + path).body());
  }

  public Doc post(String path, byte[] json) throws IOException {
    return Doc.of(connection.post(path, json).orThrow("POST " + path).body());
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

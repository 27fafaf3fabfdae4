package dev.holdfast.agent.link;

import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.agent.AgentApi;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.Executors;

/** The calls of {@link AgentApi}, each of which can be repeated without harm. Thread-safe. */
public final class OrchestratorClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** More than any answer has; keeps a stranger at that address from filling memory. */
  private static final int MOST_ANSWER = 16 * 1024 * 1024;

  private final URI server;
  private final String token;
  private final HttpClient http;

  /**
   * @param server its address, without a path
   */
  public OrchestratorClient(URI server, String token) {
    this.server = server;
    this.token = token;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
  }

  public AgentApi.Registered register(AgentApi.Register body)
      throws Unreachable, Rejected, InterruptedException {
    return post(
        "/agent/v1/register", AgentApi.Register.class, body, AgentApi.Registered.class, PATIENCE);
  }

  public AgentApi.Leases leases(AgentApi.LeaseRequest body)
      throws Unreachable, Rejected, InterruptedException {
    return post(
        "/agent/v1/leases",
        AgentApi.LeaseRequest.class,
        body,
        AgentApi.Leases.class,
        PATIENCE.plus(body.patience()));
  }

  public AgentApi.EventsTaken events(AgentApi.Events body)
      throws Unreachable, Rejected, InterruptedException {
    return post(
        "/agent/v1/events", AgentApi.Events.class, body, AgentApi.EventsTaken.class, PATIENCE);
  }

  public AgentApi.HeartbeatTaken heartbeat(AgentApi.Heartbeat body)
      throws Unreachable, Rejected, InterruptedException {
    return post(
        "/agent/v1/heartbeat",
        AgentApi.Heartbeat.class,
        body,
        AgentApi.HeartbeatTaken.class,
        Duration.ofSeconds(10));
  }

  /** The secrets that the attempt's job declares, as far as it may have them. */
  public AgentApi.Secrets secrets(String attempt, long fence)
      throws Unreachable, Rejected, InterruptedException {
    var request =
        HttpRequest.newBuilder(
            server.resolve("/agent/v1/attempts/" + attempt + "/secrets?fence=" + fence));
    return call(request, "POST", BodyPublishers.noBody(), AgentApi.Secrets.class, PATIENCE);
  }

  /** Appends {@code length} bytes to the attempt's log at {@code offset}. */
  public AgentApi.LogTaken log(String attempt, long fence, long offset, byte[] bytes, int length)
      throws Unreachable, Rejected, InterruptedException {
    var request =
        HttpRequest.newBuilder(
                server.resolve(
                    "/agent/v1/attempts/" + attempt + "/log?fence=" + fence + "&offset=" + offset))
            .header("Content-Type", "application/octet-stream");
    return call(
        request,
        "PUT",
        BodyPublishers.ofByteArray(bytes, 0, length),
        AgentApi.LogTaken.class,
        PATIENCE);
  }

  private <B, A> A post(String path, Class<B> kind, B body, Class<A> answer, Duration patience)
      throws Unreachable, Rejected, InterruptedException {
    var request =
        HttpRequest.newBuilder(server.resolve(path)).header("Content-Type", "application/json");
    return call(
        request, "POST", BodyPublishers.ofByteArray(Records.utf8(kind, body)), answer, patience);
  }

  private <A> A call(
      HttpRequest.Builder request,
      String method,
      BodyPublisher body,
      Class<A> answer,
      Duration patience)
      throws Unreachable, Rejected, InterruptedException {
    HttpRequest complete =
        request
            .timeout(patience)
            .header("Authorization", "Bearer " + token)
            .method(method, body)
            .build();
    HttpResponse<byte[]> response;
    try {
      response =
          http.send(complete, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_ANSWER));
    } catch (IOException e) {
      throw new Unreachable("no answer from " + server + ": " + reason(e), e);
    }
    int status = response.statusCode();
    try {
      if (status == 200) {
        return Records.read(answer, response.body());
      }
      String error = error(response.body());
      if (status >= 400 && status < 500 && status != 429 && status != 408) {
        throw new Rejected(status, error);
      }
      throw new Unreachable(server + " answers with status " + status + ": " + error, null);
    } catch (MalformedJson e) {
      throw new Unreachable(
          server + " does not answer as an orchestrator of this version: " + e.getMessage(), e);
    }
  }

  private static String error(byte[] body) {
    try {
      return Records.read(AgentApi.Refusal.class, body).error();
    } catch (MalformedJson e) {
      return Quote.of(
          new String(body, 0, Math.min(body.length, 200), java.nio.charset.StandardCharsets.UTF_8));
    }
  }

  private static String reason(IOException e) {
    Throwable deepest = e;
    while (deepest.getCause() != null && deepest.getMessage() == null) {
      deepest = deepest.getCause();
    }
    return deepest.getMessage() == null
        ? "the connection failed (" + deepest.getClass().getSimpleName() + ")"
        : deepest.getMessage();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}

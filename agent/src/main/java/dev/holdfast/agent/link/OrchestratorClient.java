package dev.holdfast.agent.link;

import dev.holdfast.model.approval.Digest;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.KeepApi;
import java.io.IOException;
import java.io.InputStream;
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

  /** Tells of the newest probe of this host. */
  public AgentApi.ProbeTaken probed(AgentApi.Probed body)
      throws Unreachable, Rejected, InterruptedException {
    return post(
        "/agent/v1/probe",
        AgentApi.Probed.class,
        body,
        AgentApi.ProbeTaken.class,
        Duration.ofSeconds(5));
  }

  /** Asks whether a step may start that waits for people. */
  public AgentApi.StepAnswer step(AgentApi.StepAsk body)
      throws Unreachable, Rejected, InterruptedException {
    return post(
        "/agent/v1/steps",
        AgentApi.StepAsk.class,
        body,
        AgentApi.StepAnswer.class,
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

  /** Keeps a secret output of the attempt. */
  public AgentApi.SecretOutputKept keep(String attempt, long fence, AgentApi.SecretOutput body)
      throws Unreachable, Rejected, InterruptedException {
    return post(
        "/agent/v1/attempts/" + attempt + "/secret-outputs?fence=" + fence,
        AgentApi.SecretOutput.class,
        body,
        AgentApi.SecretOutputKept.class,
        PATIENCE);
  }

  /** A token by which a step of the attempt shows others what its job is. */
  public AgentApi.Identity identity(String attempt, long fence, AgentApi.IdentityAsked body)
      throws Unreachable, Rejected, InterruptedException {
    return post(
        "/agent/v1/attempts/" + attempt + "/identity?fence=" + fence,
        AgentApi.IdentityAsked.class,
        body,
        AgentApi.Identity.class,
        PATIENCE);
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

  /** What a cache or a download is to be given. */
  public KeepApi.Found find(String attempt, KeepApi.Find body)
      throws Unreachable, Rejected, InterruptedException {
    return post(kept(attempt, "find"), KeepApi.Find.class, body, KeepApi.Found.class, PATIENCE);
  }

  /** Whether a cache or an upload would be kept. */
  public KeepApi.Offered offer(String attempt, KeepApi.Offer body)
      throws Unreachable, Rejected, InterruptedException {
    return post(kept(attempt, "offer"), KeepApi.Offer.class, body, KeepApi.Offered.class, PATIENCE);
  }

  /** Ends an upload. Its bytes are looked at once more before this is answered. */
  public KeepApi.Committed commit(String attempt, KeepApi.Commit body)
      throws Unreachable, Rejected, InterruptedException {
    return post(
        kept(attempt, "commit"),
        KeepApi.Commit.class,
        body,
        KeepApi.Committed.class,
        Duration.ofMinutes(5));
  }

  /** Puts {@code length} bytes of an upload at {@code offset}. */
  public KeepApi.Taken upload(
      String attempt, long fence, String upload, long offset, byte[] bytes, int length)
      throws Unreachable, Rejected, InterruptedException {
    var request =
        HttpRequest.newBuilder(
                server.resolve(
                    kept(attempt, "uploads/" + upload) + "?fence=" + fence + "&offset=" + offset))
            .header("Content-Type", "application/octet-stream");
    return call(
        request,
        "PUT",
        BodyPublishers.ofByteArray(bytes, 0, length),
        KeepApi.Taken.class,
        PATIENCE);
  }

  /**
   * What is kept under {@code digest}, from {@code offset} on. The caller closes it.
   *
   * @throws Unreachable also if it ends early: then ask again for the rest
   */
  public InputStream blob(String attempt, long fence, Digest digest, long offset)
      throws Unreachable, Rejected, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(
                server.resolve(
                    kept(attempt, "blobs/" + digest.value().substring("sha256:".length()))
                        + "?fence="
                        + fence
                        + "&offset="
                        + offset))
            .timeout(PATIENCE)
            .header("Authorization", "Bearer " + token)
            .GET()
            .build();
    try {
      HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
      if (response.statusCode() == 200) {
        return response.body();
      }
      try (InputStream body = response.body()) {
        String error = error(body.readNBytes(64 * 1024));
        if (response.statusCode() >= 400 && response.statusCode() < 500) {
          throw new Rejected(response.statusCode(), error);
        }
        throw new Unreachable(
            server + " answers with status " + response.statusCode() + ": " + error, null);
      }
    } catch (Unreachable e) {
      throw e;
    } catch (IOException e) {
      throw new Unreachable("no answer from " + server + ": " + reason(e), e);
    }
  }

  private static String kept(String attempt, String what) {
    return "/agent/v1/attempts/" + attempt + "/kept/" + what;
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

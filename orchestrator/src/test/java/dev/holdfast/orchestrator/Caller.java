package dev.holdfast.orchestrator;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.wire.agent.AgentApi;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Somebody who calls an orchestrator over HTTP: a person, a script, or an agent. */
final class Caller {
  private final HttpClient client;
  private final String base;
  private final String token;

  Caller(HttpClient client, int port, String token) {
    this.client = client;
    this.base = "http://127.0.0.1:" + port;
    this.token = token;
  }

  String token() {
    return token;
  }

  record Answer(int status, String text) {
    Json json() {
      return JsonText.parse(text);
    }

    /** The text at this place, as {@code jobs.0.state}. */
    String at(String path) {
      Json at = json();
      for (String part : path.split("\\.")) {
        at =
            switch (at) {
              case Json.Obj(var fields) -> fields.getOrDefault(part, Json.NULL);
              case Json.Arr(var items) -> items.get(Integer.parseInt(part));
              default -> throw new AssertionError("no " + path + " in " + text);
            };
      }
      return at instanceof Json.Str(var value) ? value : JsonText.compact(at);
    }
  }

  Answer call(String method, String path, byte[] body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Authorization", "Bearer " + token)
            .timeout(Duration.ofSeconds(90))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), response.body());
  }

  Answer get(String path) throws IOException, InterruptedException {
    return call("GET", path, new byte[0]);
  }

  Answer post(String path, String json) throws IOException, InterruptedException {
    return call("POST", path, json.getBytes(StandardCharsets.UTF_8));
  }

  <T> T good(Answer answer, Class<T> type) {
    if (answer.status() != 200) {
      throw new AssertionError(answer.status() + ": " + answer.text());
    }
    return Records.read(type, answer.text());
  }

  AgentApi.Registered register(String name, int capacity, String... labels)
      throws IOException, InterruptedException {
    return register(AgentApi.Backend.CONTAINER, name, capacity, labels);
  }

  AgentApi.Registered register(
      AgentApi.Backend backend, String name, int capacity, String... labels)
      throws IOException, InterruptedException {
    var said =
        new AgentApi.Register(
            AgentApi.VERSION,
            new Name(name),
            "test",
            capacity,
            java.util.Arrays.stream(labels).map(Name::new).toList(),
            backend);
    return good(
        call("POST", "/agent/v1/register", Records.utf8(AgentApi.Register.class, said)),
        AgentApi.Registered.class);
  }

  List<AgentApi.Lease> lease(String agent, int most, Duration patience, AgentApi.Held... held)
      throws IOException, InterruptedException {
    var request = new AgentApi.LeaseRequest(agent, most, List.of(held), patience);
    return good(
            call("POST", "/agent/v1/leases", Records.utf8(AgentApi.LeaseRequest.class, request)),
            AgentApi.Leases.class)
        .leases();
  }

  Answer events(String attempt, long fence, long first, AgentApi.AttemptEvent... events)
      throws IOException, InterruptedException {
    return call(
        "POST",
        "/agent/v1/events",
        Records.utf8(
            AgentApi.Events.class, new AgentApi.Events(attempt, fence, first, List.of(events))));
  }

  AgentApi.HeartbeatTaken heartbeat(String agent, AgentApi.Held... held)
      throws IOException, InterruptedException {
    return good(
        call(
            "POST",
            "/agent/v1/heartbeat",
            Records.utf8(AgentApi.Heartbeat.class, new AgentApi.Heartbeat(agent, List.of(held)))),
        AgentApi.HeartbeatTaken.class);
  }

  Answer log(AgentApi.Lease lease, long offset, String text)
      throws IOException, InterruptedException {
    return call(
        "PUT",
        "/agent/v1/attempts/"
            + lease.attempt()
            + "/log?fence="
            + lease.fence()
            + "&offset="
            + offset,
        text.getBytes(StandardCharsets.UTF_8));
  }

  /** Does a whole job of one step in two batches. */
  void complete(AgentApi.Lease lease, Outcome outcome) throws IOException, InterruptedException {
    Instant at = Instant.parse("2026-01-01T00:00:00Z");
    good(
        events(
            lease.attempt(),
            lease.fence(),
            0,
            new AgentApi.AttemptEvent.Started(at),
            new AgentApi.AttemptEvent.StepStarted(at, 0, 0)),
        AgentApi.EventsTaken.class);
    good(
        events(
            lease.attempt(),
            lease.fence(),
            2,
            new AgentApi.AttemptEvent.StepFinished(at, 0, new StepResult.Succeeded()),
            new AgentApi.AttemptEvent.Finished(at, outcome, 0)),
        AgentApi.EventsTaken.class);
  }

  /** Asks whether a step may start. */
  Answer step(AgentApi.Lease lease, int number) throws IOException, InterruptedException {
    return call(
        "POST",
        "/agent/v1/steps",
        Records.utf8(
            AgentApi.StepAsk.class, new AgentApi.StepAsk(lease.attempt(), lease.fence(), number)));
  }

  static AgentApi.Held held(AgentApi.Lease lease) {
    return new AgentApi.Held(lease.attempt(), lease.fence());
  }
}

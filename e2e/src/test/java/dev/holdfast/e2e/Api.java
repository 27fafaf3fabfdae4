package dev.holdfast.e2e;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/** The orchestrator's HTTP API as a script would use it. */
record Api(URI base, String token) {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** An answer: its status, and its body as text. */
  record Answer(int status, byte[] body) {
    Json json() {
      return JsonText.parse(body);
    }

    String text() {
      return new String(body, java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  Answer get(String path) {
    return send(request(path).GET().build());
  }

  Answer post(String path, String json) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build());
  }

  Answer put(String path, byte[] bytes) {
    return send(request(path).PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)).build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(base.resolve(path))
        .timeout(Duration.ofSeconds(100))
        .header("Authorization", "Bearer " + token);
  }

  private Answer send(HttpRequest request) {
    try {
      var answer = HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray());
      return new Answer(answer.statusCode(), answer.body());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(request.uri().getPath(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** {@code json.a.b} for the path {@code a.b}; fails where there is none. */
  static Json at(Json json, String path) {
    Json at = json;
    for (String name : path.split("\\.", -1)) {
      Json next = at instanceof Json.Obj(var fields) ? fields.get(name) : null;
      if (next == null) {
        throw new AssertionError("no " + path + " in " + JsonText.compact(json));
      }
      at = next;
    }
    return at;
  }

  static String string(Json json, String path) {
    return switch (at(json, path)) {
      case Json.Str(var text) -> text;
      case Json.Num(var literal) -> literal;
      case Json other -> JsonText.compact(other);
    };
  }

  static List<Json> list(Json json, String path) {
    if (json instanceof Json.Obj(var fields) && !fields.containsKey(path)) {
      return List.of(); // empty lists are not written
    }
    return at(json, path) instanceof Json.Arr(var items) ? items : List.of();
  }
}

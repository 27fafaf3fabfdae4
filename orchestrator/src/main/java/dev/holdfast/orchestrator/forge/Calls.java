package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls of a forge's API. A call ends within {@link #PATIENCE} however slowly the other side talks,
 * its answer is bounded, and no redirect is followed: the token goes where it was meant to go and
 * nowhere else. Thread-safe.
 */
public final class Calls implements AutoCloseable {
  /** For a whole call; somebody's push waits for it. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final int MOST_BYTES = 8 * 1024 * 1024;

  private final LazyHttp http = new LazyHttp(CONNECT);
  private final Duration patience;

  public Calls() {
    this(PATIENCE);
  }

  Calls(Duration patience) {
    this.patience = patience;
  }

  /** What a forge answered. */
  public sealed interface Answer {
    /** Status 2xx, and what the body holds. */
    record Good(Json body) implements Answer {}

    /** Status 404: there is none, or this token may not know of it. */
    record Missing() implements Answer {}

    /**
     * Nothing that could be used.
     *
     * @param why one line; never holds the token
     * @param after how long the forge wants to be left alone, if it says so
     */
    record Failed(String why, Optional<Duration> after) implements Answer {}
  }

  /**
   * Asks.
   *
   * @param body for anything but a GET
   */
  public Answer call(
      String method, URI uri, Optional<Token> token, Optional<Json> body, String accept) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(patience)
            .header("Accept", accept)
            .header("User-Agent", "holdfast")
            .method(
                method,
                body.<HttpRequest.BodyPublisher>map(
                        json -> HttpRequest.BodyPublishers.ofByteArray(JsonText.utf8(json)))
                    .orElseGet(HttpRequest.BodyPublishers::noBody));
    token.ifPresent(shown -> request.header("Authorization", "Bearer " + shown.value()));
    body.ifPresent(json -> request.header("Content-Type", "application/json"));
    String what = method + " " + uri.getPath();
    CompletableFuture<HttpResponse<byte[]>> asked;
    try {
      asked = http.get().sendAsync(request.build(), answer -> bounded());
    } catch (IllegalStateException e) {
      return failed(what + ": " + e.getMessage());
    }
    try {
      // The request's own time limit ends with the headers; a slow body is bounded here.
      return read(what, asked.get(patience.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      asked.cancel(true);
      return failed(what + " took longer than " + patience.toSeconds() + " s");
    } catch (ExecutionException e) {
      return failed(what + ": " + line(e.getCause()));
    } catch (InterruptedException e) {
      asked.cancel(true);
      Thread.currentThread().interrupt();
      return failed(what + " was interrupted");
    }
  }

  private static HttpResponse.BodySubscriber<byte[]> bounded() {
    return HttpResponse.BodySubscribers.mapping(
        HttpResponse.BodySubscribers.limiting(
            HttpResponse.BodySubscribers.ofByteArray(), MOST_BYTES),
        bytes -> bytes);
  }

  private static Answer read(String what, HttpResponse<byte[]> answer) {
    int status = answer.statusCode();
    if (status == 404) {
      return new Answer.Missing();
    }
    if (status / 100 != 2) {
      return new Answer.Failed(what + " answered " + status, after(answer));
    }
    if (answer.body().length == 0) {
      return new Answer.Good(Json.NULL);
    }
    try {
      return new Answer.Good(JsonText.parse(answer.body()));
    } catch (MalformedJson e) {
      return failed(what + " answered what is not JSON: " + e.getMessage());
    }
  }

  private static Optional<Duration> after(HttpResponse<?> answer) {
    return answer
        .headers()
        .firstValue("Retry-After")
        .filter(seconds -> seconds.matches("[0-9]{1,5}"))
        .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)));
  }

  private static Answer.Failed failed(String why) {
    return new Answer.Failed(why, Optional.empty());
  }

  private static String line(@org.jspecify.annotations.Nullable Throwable cause) {
    return cause == null ? "no answer" : String.valueOf(cause).lines().findFirst().orElse("");
  }

  @Override
  public void close() {
    http.close();
  }
}

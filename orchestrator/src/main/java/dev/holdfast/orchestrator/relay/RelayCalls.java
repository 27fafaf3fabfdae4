package dev.holdfast.orchestrator.relay;

import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.wire.relay.Batch;
import dev.holdfast.model.wire.relay.RelayApi;
import dev.holdfast.orchestrator.forge.LazyHttp;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Calls of a relay. However slowly it talks and however much it says, a call ends and its answer is
 * bounded; no redirect is followed, and its certificate must be good for its name. Thread-safe.
 */
final class RelayCalls implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  /** For the head of an answer, beyond what was asked for. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** For a batch to arrive, over a slow line. */
  private static final Duration BATCH = Duration.ofMinutes(5);

  private static final int MOST_BYTES = 1024 * 1024;
  private static final int LONGEST_ERROR = 300;

  private final LazyHttp http = new LazyHttp(CONNECT);
  private final Duration patience;
  private final Duration batch;

  RelayCalls() {
    this(PATIENCE, BATCH);
  }

  RelayCalls(Duration patience, Duration batch) {
    this.patience = patience;
    this.batch = batch;
  }

  /** What a relay answered. */
  sealed interface Answer<T> {
    record Good<T>(T value) implements Answer<T> {}

    /** It does not know the credential, or the token: revoked, or never given. */
    record Unknown<T>(String why) implements Answer<T> {}

    /** Nothing that could be used. */
    record Failed<T>(String why) implements Answer<T> {}
  }

  Answer<RelayApi.Enrolled> enrol(Enrolment at, RelayApi.Enrol asked) {
    return call(
        request(at, "enrol", patience).POST(body(RelayApi.Enrol.class, asked)).build(),
        patience,
        MOST_BYTES,
        json(RelayApi.Enrolled.class));
  }

  Answer<Batch> pull(Enrolment at, RelayApi.Pull asked) {
    Duration head = asked.patience().plus(patience);
    return call(
        known(at, "pull", head).POST(body(RelayApi.Pull.class, asked)).build(),
        head.plus(batch),
        Batch.longest(asked.mostBytes()),
        answer -> {
          String type = answer.headers().firstValue("Content-Type").orElse("");
          if (!type.equals(Batch.TYPE)) {
            throw new IllegalArgumentException(
                "the relay's answer is of type " + Quote.of(type) + "; expected " + Batch.TYPE);
          }
          return Batch.of(answer.body());
        });
  }

  Answer<RelayApi.KeyTaken> key(Enrolment at, RelayApi.PutKey asked) {
    return call(
        known(at, "key", patience).POST(body(RelayApi.PutKey.class, asked)).build(),
        patience,
        MOST_BYTES,
        json(RelayApi.KeyTaken.class));
  }

  Answer<RelayApi.CredentialTaken> credential(Enrolment at, RelayApi.PutCredential asked) {
    return call(
        known(at, "credential", patience).POST(body(RelayApi.PutCredential.class, asked)).build(),
        patience,
        MOST_BYTES,
        json(RelayApi.CredentialTaken.class));
  }

  Answer<RelayApi.SourceTaken> put(Enrolment at, String source, RelayApi.PutSource asked) {
    return call(
        known(at, "sources/" + source, patience).PUT(body(RelayApi.PutSource.class, asked)).build(),
        patience,
        MOST_BYTES,
        json(RelayApi.SourceTaken.class));
  }

  Answer<RelayApi.SourceGone> remove(Enrolment at, String source) {
    return call(
        known(at, "sources/" + source, patience).DELETE().build(),
        patience,
        MOST_BYTES,
        json(RelayApi.SourceGone.class));
  }

  private static <T> HttpRequest.BodyPublisher body(Class<T> type, T value) {
    return HttpRequest.BodyPublishers.ofByteArray(Records.utf8(type, value));
  }

  private static <T> Function<HttpResponse<byte[]>, T> json(Class<T> type) {
    return answer -> Records.read(type, answer.body());
  }

  private static HttpRequest.Builder known(Enrolment at, String path, Duration head) {
    return request(at, path, head).header("Authorization", "Bearer " + at.credential());
  }

  private static HttpRequest.Builder request(Enrolment at, String path, Duration head) {
    return HttpRequest.newBuilder(URI.create(at.url() + "/relay/v1/" + path))
        .version(HttpClient.Version.HTTP_1_1)
        .timeout(head)
        .header("Content-Type", "application/json")
        .header("User-Agent", "holdfast");
  }

  private <T> Answer<T> call(
      HttpRequest request, Duration whole, long most, Function<HttpResponse<byte[]>, T> reader) {
    String what = request.method() + " " + request.uri().getPath();
    CompletableFuture<HttpResponse<byte[]>> asked;
    try {
      asked =
          http.get()
              .sendAsync(
                  request,
                  answer ->
                      HttpResponse.BodySubscribers.limiting(
                          HttpResponse.BodySubscribers.ofByteArray(),
                          answer.statusCode() == 200 ? most : MOST_BYTES));
    } catch (IllegalStateException e) {
      return new Answer.Failed<>(what + ": " + e.getMessage());
    }
    try {
      // The request's own time limit ends with the head of the answer; a slow body is bounded here.
      return read(what, asked.get(whole.toMillis(), TimeUnit.MILLISECONDS), reader);
    } catch (TimeoutException e) {
      asked.cancel(true);
      return new Answer.Failed<>(what + " took longer than " + whole.toSeconds() + " s");
    } catch (ExecutionException e) {
      return new Answer.Failed<>(what + ": " + line(e.getCause()));
    } catch (InterruptedException e) {
      asked.cancel(true);
      Thread.currentThread().interrupt();
      return new Answer.Failed<>(what + " was interrupted");
    }
  }

  private static <T> Answer<T> read(
      String what, HttpResponse<byte[]> answer, Function<HttpResponse<byte[]>, T> reader) {
    if (answer.statusCode() == 401) {
      return new Answer.Unknown<>(said(answer.body()).orElse("it gives no reason"));
    }
    if (answer.statusCode() != 200) {
      return new Answer.Failed<>(
          what
              + " answered "
              + answer.statusCode()
              + said(answer.body()).map(w -> ": " + w).orElse(""));
    }
    try {
      return new Answer.Good<>(reader.apply(answer));
    } catch (MalformedJson | IllegalArgumentException e) {
      return new Answer.Failed<>(
          what + " answered what is none of its answers: " + cut(String.valueOf(e.getMessage())));
    }
  }

  /** What a refusal says: anybody's word, so quoted and cut. */
  private static Optional<String> said(byte[] body) {
    try {
      return Optional.of(
          Quote.of(Records.read(RelayApi.Refusal.class, body).error(), LONGEST_ERROR));
    } catch (MalformedJson | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String cut(String text) {
    return Quote.line(text, LONGEST_ERROR);
  }

  private static String line(@org.jspecify.annotations.Nullable Throwable cause) {
    return cause == null ? "no answer" : cut(String.valueOf(cause).lines().findFirst().orElse(""));
  }

  @Override
  public void close() {
    http.close();
  }
}

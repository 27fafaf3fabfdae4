package dev.holdfast.orchestrator.vault;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Quote;
import dev.holdfast.orchestrator.forge.LazyHttp;
import dev.holdfast.orchestrator.repository.Repository;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * One Vault, by its HTTP API as HashiCorp publishes it. A call ends in time however slowly the
 * other side talks, its answer is bounded, and no redirect is followed: the token goes where it was
 * meant to go. Thread-safe.
 */
public final class Vault implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final int MOST_BYTES = 1024 * 1024;

  private final String name;
  private final URI address;
  private final Optional<String> namespace;
  private final Token token;
  private final Duration patience;
  private final LazyHttp http = new LazyHttp(CONNECT);

  /** Where the token is; read for each call, so that one that is renewed counts at once. */
  @FunctionalInterface
  public interface Token {
    String read() throws IOException;
  }

  /**
   * @param name what people here call it
   * @param address as {@code https://vault.example.org:8200}
   * @param namespace of Vault Enterprise
   * @param patience for a whole call
   */
  public Vault(
      String name, URI address, Optional<String> namespace, Token token, Duration patience) {
    if (address.getHost() == null
        || address.getUserInfo() != null
        || address.toString().endsWith("/")
        || address.getRawQuery() != null) {
      throw new IllegalArgumentException(
          "the address of the vault "
              + name
              + " is like https://vault.example.org:8200, without a slash at its end");
    }
    if (!Repository.Host.safe(address)) {
      throw new IllegalArgumentException(
          "secrets would travel unencrypted to " + address + "; give an https:// address");
    }
    if (patience.toMillis() < 1 || patience.compareTo(Duration.ofMinutes(1)) > 0) {
      throw new IllegalArgumentException("the vault " + name + " is waited for up to a minute");
    }
    this.name = name;
    this.address = address;
    this.namespace = namespace;
    this.token = token;
    this.patience = patience;
  }

  /**
   * What is encrypted by a key of the transit engine.
   *
   * @param bound associated data; the key is of a type that has such, as aes256-gcm96
   * @return what Vault calls a ciphertext
   */
  public String encrypt(String mount, String key, byte[] text, byte[] bound) throws VaultFailed {
    Json answer =
        call(
            "POST",
            path(mount) + "/encrypt/" + segment(key),
            Optional.of(object("plaintext", base64(text), bound)));
    return text(answer, "ciphertext")
        .filter(ciphertext -> ciphertext.matches("vault:v[0-9]{1,9}:[A-Za-z0-9+/=]{1,100000}"))
        .orElseThrow(() -> failed(VaultFailed.Kind.AWAY, "answers without a ciphertext", null));
  }

  /** What {@link #encrypt} made that of. */
  public byte[] decrypt(String mount, String key, String ciphertext, byte[] bound)
      throws VaultFailed {
    Json answer =
        call(
            "POST",
            path(mount) + "/decrypt/" + segment(key),
            Optional.of(object("ciphertext", new Json.Str(ciphertext), bound)));
    try {
      return java.util.Base64.getDecoder().decode(text(answer, "plaintext").orElse("!"));
    } catch (IllegalArgumentException e) {
      throw failed(VaultFailed.Kind.AWAY, "answers without a plaintext", null);
    }
  }

  /** One field of the newest version of a secret of the key-value engine, version 2. */
  public String field(String mount, String path, String field) throws VaultFailed {
    Json answer = call("GET", path(mount) + "/data/" + path(path), Optional.empty());
    if (!(answer instanceof Json.Obj(var outer)
        && outer.get("data") instanceof Json.Obj(var wrapper)
        && wrapper.get("data") instanceof Json.Obj(var fields))) {
      // A version that was deleted has a null there, with status 404 or 200.
      throw failed(VaultFailed.Kind.MISSING, "has no secret at " + Quote.of(path), null);
    }
    if (fields.get(field) instanceof Json.Str(var value)) {
      return value;
    }
    throw failed(
        VaultFailed.Kind.MISSING,
        "has no text in the field " + Quote.of(field) + " of " + Quote.of(path),
        null);
  }

  private Json call(String method, String path, Optional<Json> body) throws VaultFailed {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address + "/v1/" + path))
            .header("Accept", "application/json")
            .header("X-Vault-Request", "true")
            .method(
                method,
                body.<HttpRequest.BodyPublisher>map(
                        json -> HttpRequest.BodyPublishers.ofByteArray(JsonText.utf8(json)))
                    .orElseGet(HttpRequest.BodyPublishers::noBody));
    namespace.ifPresent(within -> request.header("X-Vault-Namespace", within));
    body.ifPresent(_ -> request.header("Content-Type", "application/json"));
    CompletableFuture<HttpResponse<byte[]>> asked;
    try {
      request.header("X-Vault-Token", token.read());
      asked = http.get().sendAsync(request.build(), answer -> bounded());
    } catch (IOException e) {
      throw failed(VaultFailed.Kind.AWAY, "cannot be asked: " + e.getMessage(), e);
    } catch (IllegalStateException e) {
      throw failed(VaultFailed.Kind.AWAY, "is not asked any more: the server ends", e);
    } catch (IllegalArgumentException e) {
      // The cause would repeat the token.
      throw failed(VaultFailed.Kind.AWAY, "cannot be asked: its token is not a token", null);
    }
    try {
      // Not by the request's own time limit, which ends with the headers.
      return read(asked.get(patience.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      asked.cancel(true);
      throw failed(
          VaultFailed.Kind.AWAY, "did not answer within " + patience.toMillis() + " ms", null);
    } catch (ExecutionException e) {
      throw failed(VaultFailed.Kind.AWAY, "cannot be reached: " + kind(e.getCause()), null);
    } catch (InterruptedException e) {
      asked.cancel(true);
      Thread.currentThread().interrupt();
      throw failed(VaultFailed.Kind.AWAY, "was asked when the server ended", null);
    }
  }

  private Json read(HttpResponse<byte[]> answer) throws VaultFailed {
    int status = answer.statusCode();
    switch (status) {
      case 200 -> {
        try {
          return JsonText.parse(answer.body());
        } catch (MalformedJson e) {
          throw failed(VaultFailed.Kind.AWAY, "answers what is not JSON", null);
        }
      }
      case 404 -> throw failed(VaultFailed.Kind.MISSING, "has nothing there", null);
      case 400 -> throw failed(VaultFailed.Kind.WRONG, "refuses what was sent (400)", null);
      case 403 ->
          throw failed(
              VaultFailed.Kind.REFUSED,
              "does not let this token (403); look at its policy and whether it ended",
              null);
      default -> throw failed(VaultFailed.Kind.AWAY, "answered " + status, null);
    }
  }

  private VaultFailed failed(
      VaultFailed.Kind kind, String what, @org.jspecify.annotations.Nullable Throwable cause) {
    return new VaultFailed(kind, "the vault " + name + " " + what, cause);
  }

  private static Optional<String> text(Json answer, String field) {
    return answer instanceof Json.Obj(var outer)
            && outer.get("data") instanceof Json.Obj(var data)
            && data.get(field) instanceof Json.Str(var value)
        ? Optional.of(value)
        : Optional.empty();
  }

  private static Json object(String field, Json value, byte[] bound) {
    var fields = new LinkedHashMap<String, Json>();
    fields.put(field, value);
    fields.put("associated_data", base64(bound));
    return new Json.Obj(fields);
  }

  private static Json base64(byte[] bytes) {
    return new Json.Str(java.util.Base64.getEncoder().encodeToString(bytes));
  }

  /** A path of several segments, none of which leads elsewhere. */
  private static String path(String path) {
    return Arrays.stream(path.split("/", -1)).map(Vault::segment).collect(Collectors.joining("/"));
  }

  private static String segment(String segment) {
    if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
      throw new IllegalArgumentException(
          "a path in a vault is names with one / between them, as team/app");
    }
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Whether {@code path} could be one. */
  public static void checkPath(String path) {
    if (path.length() > 500) {
      throw new IllegalArgumentException("a path in a vault has up to 500 characters");
    }
    var _ = path(path);
  }

  private static HttpResponse.BodySubscriber<byte[]> bounded() {
    return HttpResponse.BodySubscribers.limiting(
        HttpResponse.BodySubscribers.ofByteArray(), MOST_BYTES);
  }

  private static String kind(@org.jspecify.annotations.Nullable Throwable cause) {
    return switch (cause) {
      case null -> "no answer";
      case java.net.http.HttpConnectTimeoutException _ -> "no connection in time";
      case java.net.ConnectException _ -> "nothing listens there";
      case javax.net.ssl.SSLException _ -> "its certificate is not trusted here";
      default -> cause.getClass().getSimpleName();
    };
  }

  @Override
  public void close() {
    http.close();
  }
}

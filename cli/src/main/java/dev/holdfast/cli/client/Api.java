package dev.holdfast.cli.client;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The server's HTTP API. Every failure is a {@link Refusal} with the exit code for it.
 *
 * <p>By {@link HttpURLConnection}, since its start costs a short command least. Thread-safe.
 */
public final class Api {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(60);

  /** More than any answer has; logs are streamed and not bounded by it. */
  private static final int MOST_BYTES = 64 * 1024 * 1024;

  static {
    // Otherwise a POST whose connection broke is quietly sent a second time.
    System.setProperty("sun.net.http.retryPost", "false");
  }

  private final Connection connection;
  private final Terminal terminal;

  public Api(Connection connection, Terminal terminal) {
    this.connection = connection;
    this.terminal = terminal;
    if (Connection.inTheClear(connection.server())) {
      terminal
          .err()
          .println(
              "holdfast: the token travels unencrypted to "
                  + connection.server()
                  + "; put TLS before the server and use https");
    }
  }

  /** {@code segment} as one segment of a path, or as a value of a query. */
  public static String escape(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** A query of those parameters that have a value, with {@code ?} before it. */
  public static String query(Map<String, Optional<String>> parameters) {
    var out = new StringBuilder();
    parameters.forEach((name, value) ->
        value.ifPresent(v -> {
          out.append(out.isEmpty() ? '?' : '&').append(name).append('=').append(escape(v));
        }));
    return out.toString();
  }

  public Fields get(String path) {
    return call("GET", path, null, ANSWER);
  }

  /** A GET that the server may answer as late as {@code patience} from now. */
  public Fields get(String path, Duration patience) {
    return call("GET", path, null, patience.plus(ANSWER));
  }

  public Fields post(String path, JsonFields body) {
    return post(path, body.json());
  }

  public Fields post(String path, Json.Obj body) {
    return call("POST", path, body, ANSWER);
  }

  public Fields put(String path, Json.Obj body) {
    return call("PUT", path, body, ANSWER);
  }

  public Fields put(String path) {
    return call("PUT", path, null, ANSWER);
  }

  public void delete(String path) {
    call("DELETE", path, null, ANSWER);
  }

  /** The bytes that a GET answers, as they come; to be closed. */
  public InputStream stream(String path, Duration silence) {
    HttpURLConnection http = open("GET", path, silence);
    try {
      if (http.getResponseCode() != 200) {
        throw refusal(http, path);
      }
      return http.getInputStream();
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private Fields call(String method, String path, @Nullable Json body, Duration patience) {
    HttpURLConnection http = open(method, path, patience);
    try {
      if (body != null) {
        byte[] bytes = JsonText.utf8(body);
        http.setDoOutput(true);
        http.setFixedLengthStreamingMode(bytes.length);
        http.setRequestProperty("Content-Type", "application/json");
        try (var out = http.getOutputStream()) {
          out.write(bytes);
        }
      }
      int status = http.getResponseCode();
      if (status / 100 != 2) {
        throw refusal(http, path);
      }
      try (InputStream in = http.getInputStream()) {
        byte[] answer = in.readNBytes(MOST_BYTES);
        return new Fields(answer.length == 0 ? Json.NULL : JsonText.parse(answer));
      }
    } catch (IOException e) {
      throw unreachable(e);
    } catch (MalformedJson e) {
      throw new Refusal(
          ExitCode.UNREACHABLE,
          connection.server() + " answers what is not JSON; is that a Holdfast server?",
          e);
    }
  }

  private HttpURLConnection open(String method, String path, Duration patience) {
    try {
      URI uri = URI.create(connection.server() + path);
      var http = (HttpURLConnection) uri.toURL().openConnection();
      http.setRequestMethod(method);
      // The token goes to the server that was named and to no other.
      http.setInstanceFollowRedirects(false);
      http.setUseCaches(false);
      http.setConnectTimeout((int) CONNECT.toMillis());
      http.setReadTimeout((int) patience.toMillis());
      http.setRequestProperty("Authorization", "Bearer " + connection.token());
      http.setRequestProperty("Accept", "application/json");
      return http;
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private Refusal refusal(HttpURLConnection http, String path) throws IOException {
    int status = http.getResponseCode();
    String said = said(http);
    return switch (status) {
      case 400, 409, 413 ->
          new Refusal(status == 400 ? ExitCode.USAGE : ExitCode.FAILED, orElse(said, "refused"));
      case 401 ->
          new Refusal(
              ExitCode.UNREACHABLE,
              connection.server()
                  + " does not know this token"
                  + (said.isEmpty() ? "" : " (" + said + ")")
                  + "; give one that it made, by --token-file or HOLDFAST_TOKEN");
      case 403 -> new Refusal(ExitCode.UNREACHABLE, orElse(said, "this token may not do that"));
      case 404 -> new Refusal(ExitCode.NOT_FOUND, orElse(said, "there is no " + Plain.of(path)));
      case 429, 503 ->
          new Refusal(
              ExitCode.UNREACHABLE,
              connection.server() + " cannot do it now: " + orElse(said, "busy; try again"));
      default ->
          new Refusal(
              status >= 500 ? ExitCode.INTERNAL : ExitCode.UNREACHABLE,
              connection.server() + " answered " + status + (said.isEmpty() ? "" : ": " + said));
    };
  }

  private static String orElse(String said, String otherwise) {
    return said.isEmpty() ? otherwise : said;
  }

  private static String said(HttpURLConnection http) throws IOException {
    try (InputStream in = http.getErrorStream()) {
      if (in == null) {
        return "";
      }
      return Plain.of(new Fields(JsonText.parse(in.readNBytes(64 * 1024))).text("error"), 2000);
    } catch (MalformedJson e) {
      // Something between us and the server that speaks no JSON; the status says enough.
      return "";
    }
  }

  private Refusal unreachable(IOException e) {
    String why =
        switch (e) {
          case java.net.UnknownHostException unknown -> "no such host";
          case java.net.ConnectException refused -> "nothing listens there";
          case java.net.SocketTimeoutException late -> "no answer in time";
          default -> Plain.of(String.valueOf(e.getMessage()), 200);
        };
    if (terminal.env().containsKey("HOLDFAST_DEBUG")) {
      e.printStackTrace(terminal.err());
    }
    return new Refusal(ExitCode.UNREACHABLE, "cannot reach " + connection.server() + ": " + why, e);
  }
}

package dev.holdfast.forgedouble;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** Git over HTTP, by git's own CGI program. */
final class GitHttp {
  private GitHttp() {}

  /**
   * Answers one request.
   *
   * @param inside what follows the repository in the path, as {@code /info/refs}
   */
  static void serve(HttpExchange exchange, Path bare, String inside) throws IOException {
    var builder = new ProcessBuilder("git", "http-backend");
    var env = builder.environment();
    env.put("GIT_PROJECT_ROOT", bare.toString());
    env.put("GIT_HTTP_EXPORT_ALL", "1");
    env.put("GIT_CONFIG_GLOBAL", "/dev/null");
    env.put("PATH_INFO", inside);
    env.put("REQUEST_METHOD", exchange.getRequestMethod());
    env.put("QUERY_STRING", Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse(""));
    header(exchange, "Content-Type").ifPresent(type -> env.put("CONTENT_TYPE", type));
    header(exchange, "Content-Encoding").ifPresent(v -> env.put("HTTP_CONTENT_ENCODING", v));
    header(exchange, "Git-Protocol").ifPresent(v -> env.put("GIT_PROTOCOL", v));
    byte[] body = exchange.getRequestBody().readAllBytes();
    env.put("CONTENT_LENGTH", Integer.toString(body.length));
    Process process = builder.start();
    try (var in = process.getOutputStream()) {
      in.write(body);
    }
    try (InputStream out = process.getInputStream()) {
      int status = 200;
      for (String line = line(out); !line.isEmpty(); line = line(out)) {
        int colon = line.indexOf(':');
        String value = line.substring(colon + 1).strip();
        if (line.regionMatches(true, 0, "Status", 0, colon)) {
          status = Integer.parseInt(value.substring(0, 3));
        } else {
          exchange.getResponseHeaders().add(line.substring(0, colon), value);
        }
      }
      exchange.sendResponseHeaders(status, 0);
      out.transferTo(exchange.getResponseBody());
    } finally {
      process.destroy();
    }
  }

  private static Optional<String> header(HttpExchange exchange, String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
  }

  private static String line(InputStream in) throws IOException {
    var text = new java.io.ByteArrayOutputStream();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      text.write(c);
    }
    return text.toString(StandardCharsets.US_ASCII).stripTrailing();
  }
}

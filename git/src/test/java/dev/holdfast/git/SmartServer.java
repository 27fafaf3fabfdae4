package dev.holdfast.git;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Serves the repositories of a folder by git's own program for that, in the first version of the
 * protocol, which gives only what refs name.
 */
final class SmartServer implements AutoCloseable {
  private final HttpServer server;
  private final Path root;

  SmartServer(Path root) throws IOException {
    this.root = root;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + path;
  }

  private void answer(HttpExchange exchange) throws IOException {
    var builder = new ProcessBuilder("git", "http-backend");
    var env = builder.environment();
    env.put("GIT_PROJECT_ROOT", root.toString());
    env.put("GIT_HTTP_EXPORT_ALL", "1");
    env.put("PATH_INFO", exchange.getRequestURI().getPath());
    String query = exchange.getRequestURI().getQuery();
    env.put("QUERY_STRING", query == null ? "" : query);
    env.put("REQUEST_METHOD", exchange.getRequestMethod());
    header(exchange, "Content-Type", "CONTENT_TYPE", builder);
    header(exchange, "Content-Encoding", "HTTP_CONTENT_ENCODING", builder);
    Process backend = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var stdin = backend.getOutputStream()) {
      stdin.write(exchange.getRequestBody().readAllBytes());
    }
    byte[] all = backend.getInputStream().readAllBytes();
    String text = new String(all, StandardCharsets.ISO_8859_1);
    int body = text.indexOf("\r\n\r\n") + 4;
    int status = 200;
    for (String line : text.substring(0, body - 4).split("\r\n", -1)) {
      String[] parts = line.split(": ", 2);
      if (parts[0].equals("Status")) {
        status = Integer.parseInt(parts[1].substring(0, 3));
      } else {
        exchange.getResponseHeaders().add(parts[0], parts[1]);
      }
    }
    exchange.sendResponseHeaders(status, all.length == body ? -1 : all.length - body);
    try (var out = exchange.getResponseBody()) {
      out.write(all, body, all.length - body);
    }
  }

  private static void header(
      HttpExchange exchange, String name, String variable, ProcessBuilder builder) {
    String value = exchange.getRequestHeaders().getFirst(name);
    if (value != null) {
      builder.environment().put(variable, value);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

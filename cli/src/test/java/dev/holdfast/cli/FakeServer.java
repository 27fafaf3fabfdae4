package dev.holdfast.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A real HTTP server that gives prepared answers, so that hostile ones can be tried. */
final class FakeServer implements AutoCloseable {
  static final String TOKEN = "hf_admin_test";

  private record Answer(int status, String body) {}

  private final HttpServer http;
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();

  FakeServer() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::handle);
    http.start();
  }

  String url() {
    return "http://127.0.0.1:" + http.getAddress().getPort();
  }

  /** What {@code call}, as {@code GET /path?query}, is answered. */
  FakeServer answer(String call, int status, String body) {
    answers.put(call, new Answer(status, body));
    return this;
  }

  /** All calls so far, each with its body behind it. */
  List<String> calls() {
    return calls;
  }

  private void handle(HttpExchange exchange) throws IOException {
    String call = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    byte[] said = exchange.getRequestBody().readAllBytes();
    calls.add((call + " " + new String(said, StandardCharsets.UTF_8)).strip());
    Answer answer = answers.get(call);
    if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      answer = new Answer(401, "{\"error\":\"no such token\"}");
    } else if (answer == null) {
      answer = new Answer(404, "{\"error\":\"nothing is there\"}");
    }
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    http.stop(0);
  }
}

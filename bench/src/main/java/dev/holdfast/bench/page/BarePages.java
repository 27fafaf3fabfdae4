package dev.holdfast.bench.page;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The least that could serve a browser: bytes that are there, and lines of a program from its pipe
 * to a stream of events. What a browser takes for these it takes for any server.
 */
final class BarePages implements AutoCloseable {
  static final String LINES = "/lines";

  private static final String PAGE =
      """
      <!doctype html><title>lines</title><div id="log"></div><script>
      new EventSource("/events").addEventListener("lines", (e) => {
        const row = document.createElement("div");
        row.className = "row";
        row.textContent = e.data;
        document.getElementById("log").append(row);
      });
      </script>
      """;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  BarePages() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Serves these bytes at {@code path}. */
  void put(String path, String type, byte[] bytes) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", type);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
  }

  /** Serves a page at {@link #LINES} that shows what {@code command} prints, as it is printed. */
  void lines(List<String> command) {
    put(LINES, "text/html; charset=utf-8", PAGE.getBytes(StandardCharsets.UTF_8));
    server.createContext("/events", exchange -> events(exchange, command));
  }

  private static void events(HttpExchange exchange, List<String> command) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      Process process = new ProcessBuilder(command).start();
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
          OutputStream out = exchange.getResponseBody()) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          out.write(("event: lines\ndata: " + line + "\n\n").getBytes(StandardCharsets.UTF_8));
          out.flush();
        }
      } finally {
        process.destroyForcibly();
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}

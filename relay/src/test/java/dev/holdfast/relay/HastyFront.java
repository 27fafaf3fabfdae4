package dev.holdfast.relay;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.NullMarked;

/**
 * What a relay must not be: it answers a post with 202 while it has it in memory alone, and hands
 * it to a real relay afterwards. Lives and dies with that relay's process.
 */
@NullMarked
final class HastyFront {
  /** So few that what is left of them after the last kill is handed on soon. */
  private static final int MOST = 60;

  private record Post(String path, byte[] body) {}

  private HastyFront() {}

  /** Stands before the ingress at {@code port}; answers its own port. */
  static int before(int port) throws IOException {
    BlockingQueue<Post> taken = new ArrayBlockingQueue<>(MOST);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            taken.put(
                new Post(
                    exchange.getRequestURI().getPath(), exchange.getRequestBody().readAllBytes()));
            exchange.sendResponseHeaders(202, -1);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
    Thread.ofPlatform().daemon().name("hasty").start(() -> handOn(taken, port));
    return server.getAddress().getPort();
  }

  private static void handOn(BlockingQueue<Post> taken, int port) {
    HttpClient http = HttpClient.newHttpClient();
    try {
      while (true) {
        Post next = taken.take();
        while (!accepted(http, port, next)) {
          LockSupport.parkNanos(10_000_000);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean accepted(HttpClient http, int port, Post post)
      throws InterruptedException {
    try {
      return http.send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + post.path()))
                      .timeout(Duration.ofSeconds(10))
                      .POST(HttpRequest.BodyPublishers.ofByteArray(post.body()))
                      .build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 202;
    } catch (IOException e) {
      return false;
    }
  }
}

package dev.holdfast.bench.relay;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** Posts as fast as it can, from an address of its own, and minds no answer. */
final class Flood implements AutoCloseable {
  private static final byte[] BODY = "x".repeat(8 * 1024).getBytes(StandardCharsets.US_ASCII);

  private final ExecutorService threads;
  private final AtomicLong posts = new AtomicLong();
  private final long begun = System.nanoTime();
  private volatile boolean over;

  Flood(int port, String path, int senders) {
    threads = Executors.newFixedThreadPool(senders);
    byte[] head =
        ("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + BODY.length + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < senders; i++) {
      threads.execute(() -> {
        while (!over) {
          post(port, head);
        }
      });
    }
  }

  private void post(int port, byte[] head) {
    try (var socket =
        new Socket(
            InetAddress.getLoopbackAddress(), port, InetAddress.getByName("127.0.0.2"), 0)) {
      socket.getOutputStream().write(head);
      socket.getOutputStream().write(BODY);
      var _ = socket.getInputStream().readAllBytes();
    } catch (IOException e) {
      // It was refused and cut off in the middle: that is what floods get, and it counts as a post.
    }
    posts.incrementAndGet();
  }

  double perSecond() {
    return posts.get() / ((System.nanoTime() - begun) / 1e9);
  }

  @Override
  public void close() {
    over = true;
    threads.close();
  }
}

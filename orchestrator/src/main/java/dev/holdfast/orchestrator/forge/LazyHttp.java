package dev.holdfast.orchestrator.forge;

import java.net.http.HttpClient;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A client that is made when it is first needed: with it Java reads all certificates and looks
 * through all providers of cryptography, which would be half of a server's start. Follows no
 * redirects. Thread-safe.
 */
public final class LazyHttp implements AutoCloseable {
  private final Duration connect;
  private @Nullable HttpClient made;
  private boolean closed;

  /**
   * @param connect how long making a connection may take
   */
  public LazyHttp(Duration connect) {
    this.connect = connect;
  }

  /**
   * The one client.
   *
   * @throws IllegalStateException after the end
   */
  public synchronized HttpClient get() {
    if (closed) {
      throw new IllegalStateException("the server is shutting down");
    }
    HttpClient client = made;
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .connectTimeout(connect)
              .followRedirects(HttpClient.Redirect.NEVER)
              .build();
      made = client;
    }
    return client;
  }

  /** Ends what is under way. */
  @Override
  public synchronized void close() {
    closed = true;
    if (made != null) {
      made.shutdownNow();
    }
  }
}

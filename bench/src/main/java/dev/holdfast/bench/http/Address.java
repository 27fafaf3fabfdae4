package dev.holdfast.bench.http;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;

/**
 * Where somebody listens.
 *
 * @param host for the header of that name
 */
public record Address(SocketAddress socket, String host) {
  private static final int DEFAULT_PORT = 80;

  /**
   * Of {@code http://HOST:PORT}, {@code tcp://HOST:PORT} or {@code unix:///PATH}.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  public static Address of(String url) {
    URI uri = URI.create(url);
    String scheme = String.valueOf(uri.getScheme());
    if (scheme.equals("unix") && uri.getPath() != null) {
      return new Address(UnixDomainSocketAddress.of(uri.getPath()), "localhost");
    }
    if ((scheme.equals("http") || scheme.equals("tcp")) && uri.getHost() != null) {
      int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
      return new Address(new InetSocketAddress(uri.getHost(), port), uri.getHost() + ":" + port);
    }
    throw new IllegalArgumentException(
        url + " is no address that is spoken to here; expected http://, tcp:// or unix://");
  }
}

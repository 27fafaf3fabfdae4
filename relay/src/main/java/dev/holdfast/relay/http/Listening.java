package dev.holdfast.relay.http;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where and how one of the relay's three doors listens.
 *
 * @param tls the files of a certificate and its key; without them it is plain HTTP, for loopback
 *     and for a proxy that ends TLS
 * @param headers bytes of a request's line and headers together
 * @param silence longest time from the start of a connection to the end of a request's headers
 * @param idle longest time without a byte
 * @param connections of all addresses together
 * @param connectionsOfOne of one address, unless it is a trusted proxy's
 */
public record Listening(
    InetSocketAddress address,
    Optional<Files> tls,
    int headers,
    Duration silence,
    Duration idle,
    int connections,
    int connectionsOfOne) {

  public record Files(Path certificate, Path key) {}

  public static Listening at(InetSocketAddress address, Optional<Files> tls) {
    return new Listening(
        address, tls, 16 * 1024, Duration.ofSeconds(15), Duration.ofSeconds(10), 8192, 256);
  }

  /** For calls that are answered late on purpose. */
  public Listening idle(Duration longest) {
    return new Listening(address, tls, headers, silence, longest, connections, connectionsOfOne);
  }

  public Listening silence(Duration longest) {
    return new Listening(address, tls, headers, longest, idle, connections, connectionsOfOne);
  }

  public Listening connectionsOfOne(int most) {
    return new Listening(address, tls, headers, silence, idle, connections, most);
  }
}

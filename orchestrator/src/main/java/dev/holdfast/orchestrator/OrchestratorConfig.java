package dev.holdfast.orchestrator;

import dev.holdfast.orchestrator.repository.Repository;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What an orchestrator is told at its start.
 *
 * @param data folder of everything it keeps; made if need be
 * @param host address to listen at
 * @param port 0 is any free one
 * @param lease how long an agent's attempt is waited for without a word from the agent; 1 s or more
 * @param relay by which webhooks come: an invitation, the address of the relay that this is a
 *     tenant of already, {@code off}, or nothing for whatever was said last
 * @param keys a file about master keys and vaults; without one, the master keys are files in {@code
 *     data}
 * @param credentials the folder that systemd hands to the service
 * @param publicUrl where others find it, as {@code https://ci.example.org}; no slash at the end
 */
public record OrchestratorConfig(
    Path data,
    String host,
    int port,
    Duration lease,
    Optional<String> relay,
    Optional<Path> keys,
    Optional<Path> credentials,
    Optional<URI> publicUrl) {
  /** Only this host reaches it, unless somebody says otherwise. */
  public static final String DEFAULT_HOST = "127.0.0.1";

  public static final int DEFAULT_PORT = 7878;

  /** Longer than a proxy's restart, shorter than anybody waits for a dead agent's job. */
  public static final Duration DEFAULT_LEASE = Duration.ofSeconds(30);

  public OrchestratorConfig {
    data = data.toAbsolutePath().normalize();
    if (lease.toMillis() < 1000) {
      throw new IllegalArgumentException("lease is " + lease + "; expected 1 s or more");
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port is " + port + "; expected 0 to 65535");
    }
    if (publicUrl.filter(OrchestratorConfig::unfit).isPresent()) {
      throw new IllegalArgumentException(
          "the public URL is "
              + publicUrl.get()
              + "; expected an address like https://ci.example.org, without a path; http is for"
              + " loopback alone");
    }
  }

  private static boolean unfit(URI url) {
    return !Repository.Host.safe(url)
        || url.getHost() == null
        || !url.getPath().isEmpty()
        || url.getQuery() != null
        || url.getFragment() != null;
  }

  /** With whatever relay was said last, and master keys that are files in {@code data}. */
  public OrchestratorConfig(Path data, String host, int port, Duration lease) {
    this(
        data,
        host,
        port,
        lease,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The same, whose webhooks come by {@code said}. */
  public OrchestratorConfig by(Optional<String> said) {
    return new OrchestratorConfig(data, host, port, lease, said, keys, credentials, publicUrl);
  }

  /** The same, whose master keys are those that {@code file} names. */
  public OrchestratorConfig sealedBy(Optional<Path> file, Optional<Path> folder) {
    return new OrchestratorConfig(data, host, port, lease, relay, file, folder, publicUrl);
  }

  /** The same, where others find it at {@code url}. */
  public OrchestratorConfig foundAt(Optional<URI> url) {
    return new OrchestratorConfig(data, host, port, lease, relay, keys, credentials, url);
  }

  /** The default address, over {@code data}. */
  public static OrchestratorConfig at(Path data) {
    return new OrchestratorConfig(data, DEFAULT_HOST, DEFAULT_PORT, DEFAULT_LEASE);
  }
}

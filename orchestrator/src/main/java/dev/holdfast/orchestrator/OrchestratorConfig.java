package dev.holdfast.orchestrator;

import java.nio.file.Path;

/**
 * What an orchestrator is told at its start.
 *
 * @param data folder of everything it keeps; made if need be
 * @param host address to listen at
 * @param port 0 is any free one
 */
public record OrchestratorConfig(Path data, String host, int port) {
  /** Only this host reaches it, unless somebody says otherwise. */
  public static final String DEFAULT_HOST = "127.0.0.1";

  public static final int DEFAULT_PORT = 7878;

  public OrchestratorConfig {
    data = data.toAbsolutePath().normalize();
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port is " + port + "; expected 0 to 65535");
    }
  }

  /** The default address, over {@code data}. */
  public static OrchestratorConfig at(Path data) {
    return new OrchestratorConfig(data, DEFAULT_HOST, DEFAULT_PORT);
  }
}

package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where the container engine is, and a client for it. */
final class Engine {
  private static final String DOCKER = "unix:///var/run/docker.sock";
  private static final List<String> USUAL = List.of(DOCKER, "unix:///run/podman/podman.sock");

  private Engine() {}

  /**
   * The engine's address: what was configured, else what {@code DOCKER_HOST} says, else the first
   * usual place where there is one, else Docker's.
   */
  static String address(Optional<String> configured, @Nullable String dockerHost) {
    if (configured.isPresent()) {
      return configured.get();
    }
    if (dockerHost != null && !dockerHost.isBlank()) {
      return dockerHost;
    }
    return USUAL.stream()
        .filter(address -> Files.exists(Path.of(URI.create(address).getPath())))
        .findFirst()
        .orElse(DOCKER);
  }

  static DockerClient client(String address) {
    var config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(address)
            .withDockerTlsVerify(false)
            .build();
    var http =
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(config.getDockerHost())
            // A container and each of its services keep some open as long as they live.
            .maxConnections(4096)
            .connectionTimeout(Duration.ofSeconds(5))
            .build();
    return DockerClientImpl.getInstance(config, http);
  }
}

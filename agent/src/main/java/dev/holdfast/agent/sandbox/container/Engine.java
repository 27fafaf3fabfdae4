package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.VersionComponent;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
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

  /**
   * What the option {@code seccomp} has to be for this engine to use {@code profile}: the profile,
   * or for Podman the path of a file with it.
   *
   * @param file where it is to lie, if it must be in one
   */
  static String filter(DockerClient docker, String profile, Path file) throws IOException {
    List<VersionComponent> components = docker.versionCmd().exec().getComponents();
    boolean podman =
        components != null
            && components.stream().anyMatch(part -> "Podman Engine".equals(part.getName()));
    return podman ? Files.writeString(file, profile).toAbsolutePath().toString() : profile;
  }
}

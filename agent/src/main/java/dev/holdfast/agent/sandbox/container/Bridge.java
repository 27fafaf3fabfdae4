package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;

/** Networks that are made for one job. */
final class Bridge {
  /** Interfaces with this prefix are jobs'; a filter of the host can go by it. */
  private static final String PREFIX = "cijob";

  private static final SecureRandom RANDOM = new SecureRandom();

  private Bridge() {}

  /** A new one's name, which is also its interface's: those have at most 15 characters. */
  static String make(DockerClient docker, Map<String, String> labels) {
    byte[] random = new byte[5];
    RANDOM.nextBytes(random);
    String name = PREFIX + HexFormat.of().formatHex(random);
    docker
        .createNetworkCmd()
        .withName(name)
        .withDriver("bridge")
        .withLabels(labels)
        .withOptions(Map.of("com.docker.network.bridge.name", name))
        .exec();
    return name;
  }

  static void remove(DockerClient docker, String name) {
    try {
      docker.removeNetworkCmd(name).exec();
    } catch (NotFoundException e) {
      // Gone is what it is to be.
      return;
    }
  }
}

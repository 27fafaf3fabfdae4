package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import dev.holdfast.agent.sandbox.Wall;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;

/** The container engine that tests may use. */
public final class TestEngine {
  /** What {@code script/lib/image} makes. */
  public static final String IMAGE = "holdfast/demo-debian:1";

  private TestEngine() {}

  /** A backend on it, or a loud reason to skip the test. */
  public static ContainerBackend backend(String agent) {
    return backend(agent, Wall.whole());
  }

  /** As {@link #backend(String)}, for a control. */
  static ContainerBackend backend(String agent, Wall wall) {
    return backend(agent, Optional.empty(), Optional.of(IMAGE), Optional.empty(), wall);
  }

  static ContainerBackend backend(
      String agent,
      Optional<String> runtime,
      Optional<String> standard,
      Optional<Set<String>> local,
      Wall wall) {
    String engine = address();
    Path record = Path.of(System.getProperty("java.io.tmpdir"), "hf-images-" + agent);
    return new ContainerBackend(
        Optional.of(engine), agent, runtime, new ImageRules(standard, local, record), wall);
  }

  /** To ask it without a backend, or a loud reason to skip the test. */
  static DockerClient client() {
    return Engine.client(address());
  }

  static Path socket() {
    return Path.of(URI.create(address()).getPath());
  }

  private static String address() {
    String engine = System.getenv("HOLDFAST_TEST_ENGINE");
    if (engine == null) {
      System.err.println(
          "SKIPPED: no container engine for tests. script/test starts one, or set"
              + " HOLDFAST_TEST_ENGINE to unix:///path/of/its/socket");
    }
    Assumptions.assumeTrue(engine != null, "HOLDFAST_TEST_ENGINE is not set");
    return String.valueOf(engine);
  }
}

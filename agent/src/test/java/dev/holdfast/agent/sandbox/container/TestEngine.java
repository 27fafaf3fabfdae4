package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CommitCmd;
import dev.holdfast.agent.sandbox.Wall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
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

  /**
   * An image of that name, like {@link #IMAGE} but for what {@code with} says.
   *
   * @return its id
   */
  static String image(String name, UnaryOperator<CommitCmd> with) throws Exception {
    try (var docker = Engine.client(address())) {
      String made = docker.createContainerCmd(IMAGE).withCmd("true").exec().getId();
      try {
        return with.apply(docker.commitCmd(made))
            .withRepository(name.substring(0, name.indexOf(':')))
            .withTag(name.substring(name.indexOf(':') + 1))
            .exec();
      } finally {
        docker.removeContainerCmd(made).exec();
      }
    }
  }

  static void removeImage(String name) throws Exception {
    try (var docker = Engine.client(address())) {
      docker.removeImageCmd(name).exec();
    }
  }

  /** What the engine has of this agent's, running or not: a line for each container. */
  static List<String> containers(String agent) throws Exception {
    try (var docker = Engine.client(address())) {
      return docker
          .listContainersCmd()
          .withShowAll(true)
          .withLabelFilter(Map.of(ContainerBackend.AGENT_LABEL, agent))
          .exec()
          .stream()
          .map(each ->
              each.getLabels().getOrDefault(ContainerBackend.SERVICE_LABEL, "job")
                  + " "
                  + each.getState())
          .sorted()
          .toList();
    }
  }

  /** The volumes of the whole engine. */
  static int volumes() throws Exception {
    try (var docker = Engine.client(address())) {
      var listed = docker.listVolumesCmd().exec().getVolumes();
      return listed == null ? 0 : listed.size();
    }
  }

  static String address() {
    String engine = System.getenv("HOLDFAST_TEST_ENGINE");
    if (engine == null) {
      System.err.println(
          "SKIPPED: no container engine for tests. script/test starts one, or set"
              + " HOLDFAST_TEST_ENGINE to unix:///path/of/its/socket");
    }
    Assumptions.assumeTrue(engine != null, "HOLDFAST_TEST_ENGINE is not set");
    return String.valueOf(engine);
  }

  static ContainerBackend backend(
      String agent,
      Optional<String> runtime,
      Optional<String> standard,
      Optional<Set<String>> local,
      Wall wall) {
    String engine = address();
    Path record = record(agent);
    return new ContainerBackend(
        Optional.of(engine), agent, runtime, new ImageRules(standard, local, record), wall);
  }

  /** Where a backend for {@code agent} writes down who pulled which image; gone with this JVM. */
  static Path record(String agent) {
    return Records.FOLDER.resolve(agent);
  }

  /** Made only when it is asked for. */
  private static final class Records {
    static final Path FOLDER = folder();

    private static Path folder() {
      try {
        Path folder = Files.createTempDirectory("hf-images");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder)));
        return folder;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void remove(Path folder) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      } catch (IOException e) {
        System.err.println("left " + folder + ": " + e.getMessage());
      }
    }
  }

  /** To ask it without a backend, or a loud reason to skip the test. */
  static DockerClient client() {
    return Engine.client(address());
  }

  static Path socket() {
    return Path.of(URI.create(address()).getPath());
  }
}

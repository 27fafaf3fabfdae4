package dev.holdfast.orchestrator.forge.github;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Payloads that GitHub really sent, kept beside the projects: {@code ../shared} of the root. */
final class Payloads {
  private static final Path BELOW = Path.of("shared", "data", "github-webhooks");

  private Payloads() {}

  /** All of them, by {@code kind/file}; where they are absent, the test is skipped and says so. */
  static Map<String, byte[]> all() {
    Optional<Path> folder = folder();
    Assumptions.assumeTrue(
        folder.isPresent(), "no ../shared/data/github-webhooks beside the project");
    Path root = folder.orElseThrow();
    var all = new TreeMap<String, byte[]>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(root.relativize(file).toString(), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  static byte[] one(String name) {
    byte[] payload = all().get(name);
    if (payload == null) {
      throw new IllegalArgumentException("no payload " + name);
    }
    return payload;
  }

  static String kind(String name) {
    return name.substring(0, name.indexOf('/'));
  }

  /** Beside the root, or where the root is a work tree, further up. */
  private static Optional<Path> folder() {
    return Stream.iterate(
            Path.of("").toAbsolutePath(), at -> at.getParent() != null, Path::getParent)
        .map(at -> at.resolveSibling(BELOW))
        .filter(Files::isDirectory)
        .findFirst();
  }
}

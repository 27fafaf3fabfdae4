package dev.holdfast.agent.sandbox.namespaces;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Programs of the host, by their full paths: what {@code PATH} says to the agent is not asked. */
record Tools(Path bwrap, Path setpriv, Path prlimit) {
  private static final List<Path> PLACES =
      List.of(
          Path.of("/usr/bin"), Path.of("/bin"), Path.of("/usr/local/bin"), Path.of("/usr/sbin"));

  static Optional<Path> find(String name) {
    return PLACES.stream().map(p -> p.resolve(name)).filter(Files::isExecutable).findFirst();
  }
}

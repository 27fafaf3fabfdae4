package dev.holdfast.cli.local;

import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.namespaces.NamespacesBackend;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What makes the sandboxes of a local run.
 *
 * @param ignoreImages whether namespaces run a job that names an image on the host's own system
 */
public record LocalBackend(Kind kind, boolean ignoreImages) {
  /** As on the command line, in lower case. */
  public enum Kind {
    NAMESPACES
  }

  SandboxBackend open(Path folder) throws IOException {
    return switch (kind) {
      case NAMESPACES -> new NamespacesBackend(folder, ignoreImages);
    };
  }
}

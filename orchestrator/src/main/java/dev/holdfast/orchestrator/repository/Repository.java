package dev.holdfast.orchestrator.repository;

import dev.holdfast.model.definition.Name;
import java.net.URI;

/**
 * A repository that Holdfast works for.
 *
 * @param id {@code repo_…}, made by Holdfast; never changes, safe as a file name
 * @param name what people call it; unique
 * @param location where git finds it
 */
public record Repository(String id, Name name, Location location) {

  /** Where git finds a repository. */
  public sealed interface Location {
    /** What git is given, and what an agent is told. */
    String url();

    /** A bare repository on this host's disk, by absolute path; pushes reach us by its hook. */
    record OnDisk(java.nio.file.Path path) implements Location {
      public OnDisk {
        if (!path.isAbsolute()) {
          throw new IllegalArgumentException(path + " is not an absolute path");
        }
      }

      @Override
      public String url() {
        return path.toString();
      }
    }

    /** A remote one, polled; {@code https}, {@code http} or {@code ssh}. */
    record Remote(URI uri) implements Location {
      @Override
      public String url() {
        return uri.toString();
      }
    }
  }
}

package dev.holdfast.orchestrator.definition;

import java.util.List;

/** Reads the lock file and YAML of a repository as data; runs nothing. Pure, thread-safe. */
public final class DefinitionReader {
  private DefinitionReader() {}

  /** What {@code files} define. Never throws for what they hold. */
  public static Definitions read(DefinitionFiles files) {
    return new Reading(files).result();
  }

  /** What is wrong with {@code files}, at places that a tool can use; empty if all is well. */
  public static List<DefinitionError> errors(DefinitionFiles files) {
    return new Reading(files).errors();
  }
}

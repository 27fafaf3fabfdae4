package dev.holdfast.orchestrator.definition;

/** Reads the lock file and YAML of a repository as data; runs nothing. Pure, thread-safe. */
public final class DefinitionReader {
  private DefinitionReader() {}

  /** What {@code files} define. Never throws for what they hold. */
  public static Definitions read(DefinitionFiles files) {
    return files.files().isEmpty()
        ? new Definitions.Absent()
        : new Definitions.Invalid(
            java.util.List.of(".holdfast: this build cannot read definitions yet"));
  }
}

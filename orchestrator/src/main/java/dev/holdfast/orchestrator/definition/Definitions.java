package dev.holdfast.orchestrator.definition;

import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.Workflow;
import java.util.List;
import java.util.Optional;

/** What {@link DefinitionReader} made of a repository's files. */
public sealed interface Definitions {
  /**
   * Good.
   *
   * @param sources of the Java workflows, if there are any; their digest is the lock file's
   */
  record Valid(List<Workflow> workflows, Optional<Sources> sources) implements Definitions {}

  /**
   * Not good: nothing of it runs.
   *
   * @param errors one line each: file, line where known, what is wrong, the mend
   */
  record Invalid(List<String> errors) implements Definitions {}

  /** The repository has no workflows. */
  record Absent() implements Definitions {}
}

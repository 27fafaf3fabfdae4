package dev.holdfast.cli;

import dev.holdfast.cli.local.LocalWorkshop;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.definition.LockFile;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import dev.holdfast.orchestrator.definition.DefinitionReader;
import dev.holdfast.orchestrator.definition.Definitions;
import java.util.Optional;

/** The working tree's definition, compiled if its lock file does not fit the sources. */
final class CurrentDefinition {
  private CurrentDefinition() {}

  static Definitions.Valid of(Terminal terminal, WorkingTree tree, LocalWorkshop workshop)
      throws InterruptedException {
    DefinitionFiles files = tree.definitionFiles();
    Optional<Sources> sources = WorkingTree.sources(files.files());
    if (sources.isPresent() && stale(files, sources.get())) {
      terminal
          .err()
          .println(
              LockFile.PATH
                  + " does not fit its sources; running what they say now. Before you commit: holdfast"
                  + " compile");
      files =
          Compilation.with(Compilation.compile(terminal, workshop, sources.get(), files), files);
    }
    return switch (DefinitionReader.read(files)) {
      case Definitions.Valid valid -> valid;
      case Definitions.Invalid(var errors) -> throw WorkingTree.invalid(errors);
      case Definitions.Absent absent ->
          throw new Refusal(
              ExitCode.NOT_FOUND, tree.folder() + " has no workflows; `holdfast init` writes one");
    };
  }

  private static boolean stale(DefinitionFiles files, Sources sources) {
    byte[] lock = files.files().get(LockFile.PATH.substring(LockFile.PATH.indexOf('/') + 1));
    try {
      return lock == null || !LockFile.read(lock).sources().equals(sources.digest());
    } catch (MalformedJson e) {
      // Compiling writes a good one, and tells if the sources are not good either.
      return true;
    }
  }
}

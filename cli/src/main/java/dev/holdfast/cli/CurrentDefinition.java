package dev.holdfast.cli;

import dev.holdfast.cli.local.LocalWorkshop;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.orchestrator.definition.DefinitionReader;
import dev.holdfast.orchestrator.definition.Definitions;

/** The working tree's definition as it would be once compiled. */
final class CurrentDefinition {
  private CurrentDefinition() {}

  static Definitions.Valid of(Terminal terminal, WorkingTree tree, LocalWorkshop workshop) {
    return switch (DefinitionReader.read(tree.definitionFiles())) {
      case Definitions.Valid valid -> valid;
      case Definitions.Invalid(var errors) -> throw WorkingTree.invalid(errors);
      case Definitions.Absent absent ->
          throw new Refusal(ExitCode.NOT_FOUND, tree.folder() + " has no workflows");
    };
  }
}

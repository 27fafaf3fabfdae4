package dev.holdfast.runner.code;

import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.wire.channel.FromRunner;
import dev.holdfast.model.wire.channel.FromRunner.Diagnostic;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** From sources to the workflows that they define, or to all that is wrong with them. */
public final class Evaluation {
  private Evaluation() {}

  /** Compiles {@code sources}, and calls the author's code in this thread. */
  public static FromRunner.Evaluated of(Sources sources) throws IOException {
    return switch (Compiler.compile(sources)) {
      case Compiled.Errors(var diagnostics) ->
          new FromRunner.Evaluated(List.of(), List.of(), diagnostics);
      case Compiled.Classes classes -> {
        Definitions defined = Definitions.of(classes);
        Translation translation = Translation.of(defined.workflows());
        var diagnostics = new ArrayList<Diagnostic>(defined.diagnostics());
        diagnostics.addAll(translation.diagnostics());
        yield new FromRunner.Evaluated(
            diagnostics.isEmpty() ? translation.workflows() : List.of(),
            translation.origins(),
            List.copyOf(diagnostics));
      }
    };
  }
}

package dev.holdfast.cli;

import dev.holdfast.agent.compile.CompileFailed;
import dev.holdfast.cli.local.LocalWorkshop;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Progress;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.definition.LockFile;
import dev.holdfast.model.definition.Problem;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.Validation;
import dev.holdfast.model.wire.channel.FromRunner.Diagnostic;
import dev.holdfast.model.wire.channel.FromRunner.Evaluated;
import dev.holdfast.model.wire.channel.FromRunner.Origin;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import dev.holdfast.orchestrator.definition.DefinitionReader;
import dev.holdfast.orchestrator.definition.Definitions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** From Java sources to a lock file, by way of a sandbox. */
final class Compilation {
  private static final String LOCK_NAME = LockFile.PATH.substring(LockFile.PATH.indexOf('/') + 1);

  private Compilation() {}

  /**
   * Compiles {@code sources}.
   *
   * @param files all of {@code .holdfast/}, which the lock file has to fit
   * @throws Refusal with the errors as its details, {@code file:line: message} each
   */
  static LockFile compile(
      Terminal terminal, LocalWorkshop workshop, Sources sources, DefinitionFiles files)
      throws InterruptedException {
    Evaluated evaluated;
    try (var _ = Progress.of(terminal, "compiling the workflows in a sandbox")) {
      evaluated = workshop.compiler().evaluate(sources);
    } catch (CompileFailed e) {
      throw new Refusal(ExitCode.USAGE, Plain.of(String.valueOf(e.getMessage()), 2000), e);
    }
    var errors = new ArrayList<String>();
    for (Diagnostic found : evaluated.diagnostics()) {
      errors.add(line(found.file(), found.line(), found.message()));
    }
    for (Problem problem : Validation.problems(evaluated.workflows())) {
      errors.add(located(problem, evaluated.origins()));
    }
    if (!errors.isEmpty()) {
      throw WorkingTree.invalid(errors);
    }
    var lock = new LockFile(LockFile.VERSION, sources.digest(), evaluated.workflows());
    // The rules that only a reader of the whole folder can see, as two workflows of one name.
    if (DefinitionReader.read(with(lock, files)) instanceof Definitions.Invalid(var found)) {
      throw WorkingTree.invalid(found);
    }
    return lock;
  }

  /** {@code files} with {@code lock} in the place of whatever lock file they hold. */
  static DefinitionFiles with(LockFile lock, DefinitionFiles files) {
    Map<String, byte[]> all = new TreeMap<>(files.files());
    all.put(LOCK_NAME, lock.text().getBytes(StandardCharsets.UTF_8));
    return new DefinitionFiles(all);
  }

  /** The problem at the line of the smallest part around it whose place is known. */
  private static String located(Problem problem, List<Origin> origins) {
    Origin best = null;
    for (Origin origin : origins) {
      boolean around =
          problem.path().equals(origin.path())
              || problem.path().startsWith(origin.path() + ".")
              || problem.path().startsWith(origin.path() + "[");
      if (around && (best == null || origin.path().length() > best.path().length())) {
        best = origin;
      }
    }
    return best == null
        ? WorkingTree.FOLDER + ": " + problem.message()
        : line(best.file(), best.line(), problem.message());
  }

  private static String line(String file, int line, String message) {
    String first = message.lines().findFirst().orElse("");
    return WorkingTree.FOLDER + "/" + file + (line > 0 ? ":" + line : "") + ": " + first;
  }
}

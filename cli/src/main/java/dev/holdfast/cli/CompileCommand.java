package dev.holdfast.cli;

import dev.holdfast.agent.AgentConfig.BackendChoice;
import dev.holdfast.cli.local.LocalBackend;
import dev.holdfast.cli.local.LocalWorkshop;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.JsonFields;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.definition.LockFile;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code holdfast compile}. */
@CommandLine.Command(
    name = "compile",
    description = {
      "Compiles and evaluates .holdfast/*.java, in a sandbox, and writes .holdfast/holdfast.lock.json:"
          + " what the server reads. Commit both. The same sources give the same bytes.",
      "Errors are shown as file:line: message, and leave the lock file alone."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast compile",
      "  holdfast compile --check     1 if the lock file does not fit its sources; writes nothing"
    })
final class CompileCommand extends Command {
  @Option(names = "--check", description = "Write nothing; end with 1 if anything would change.")
  boolean check;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = "What makes the sandbox: namespaces (else), container or auto.")
  BackendChoice backend = BackendChoice.NAMESPACES;

  @Option(
      names = "--image",
      paramLabel = "IMAGE",
      description = "What a container for it is made from.")
  @Nullable String image;

  @Option(names = "--json", description = "Print JSON, for scripts.")
  boolean json;

  CompileCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() throws InterruptedException {
    WorkingTree tree = WorkingTree.of(terminal);
    Path file = tree.root().resolve(LockFile.PATH);
    LockFile lock = compile(tree, new LocalBackend(backend, Optional.ofNullable(image), true));
    String before = text(file);
    boolean changed = !lock.text().equals(before);
    if (changed && !check) {
      write(file, lock.text());
    }
    if (json) {
      terminal.json(json(lock, changed));
    } else if (!changed) {
      terminal.out().println(LockFile.PATH + " is up to date");
    } else if (check) {
      differences(before, lock).forEach(terminal.out()::println);
    } else {
      terminal.out().println("Wrote " + LockFile.PATH);
    }
    if (changed && check) {
      throw new Refusal(
          ExitCode.FAILED,
          LockFile.PATH + " does not fit its sources; run `holdfast compile` and commit");
    }
    return ExitCode.OK;
  }

  /** Compiles what {@code tree} holds and writes its lock file; for {@code holdfast init}. */
  void writeLock(WorkingTree tree, LocalBackend with) throws InterruptedException {
    write(tree.root().resolve(LockFile.PATH), compile(tree, with).text());
  }

  private LockFile compile(WorkingTree tree, LocalBackend with) throws InterruptedException {
    DefinitionFiles files = tree.definitionFiles();
    Sources sources =
        WorkingTree.sources(files.files())
            .orElseThrow(() ->
                new Refusal(
                    ExitCode.NOT_FOUND,
                    tree.folder() + " has no Java sources; YAML needs no compiling"));
    try (var workshop = LocalWorkshop.open(terminal, with)) {
      return Compilation.compile(terminal, workshop, sources, files);
    }
  }

  private static String text(Path file) {
    try {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new Refusal(ExitCode.INTERNAL, file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Path beside = Files.createTempFile(file.getParent(), ".lock", ".new");
      try {
        Files.writeString(beside, text);
        Files.setPosixFilePermissions(
            beside, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(
            beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(beside);
      }
    } catch (IOException e) {
      throw new Refusal(ExitCode.INTERNAL, file + " cannot be written: " + e.getMessage(), e);
    }
  }

  private static Json json(LockFile lock, boolean changed) {
    var fields = new JsonFields();
    fields.text("lock-file", LockFile.PATH);
    fields.flag("changed", changed);
    fields.text("sources", lock.sources());
    fields.texts("workflows", lock.workflows().stream().map(w -> w.name().value()).toList());
    return fields.json();
  }

  /** What a lock file with the text {@code before} has otherwise than {@code now}. */
  private static List<String> differences(String before, LockFile now) {
    if (before.isEmpty()) {
      return List.of("the lock file is missing");
    }
    LockFile old;
    try {
      old = LockFile.read(before.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    } catch (MalformedJson e) {
      return List.of("the lock file cannot be read: " + Plain.of(String.valueOf(e.getMessage())));
    }
    var found = new ArrayList<String>();
    if (!old.sources().equals(now.sources())) {
      found.add("the sources changed since it was written");
    }
    for (Workflow workflow : now.workflows()) {
      Optional<Workflow> was = named(old, workflow);
      if (was.isEmpty()) {
        found.add("workflow " + workflow.name() + " is not in it");
      } else if (!was.get().equals(workflow)) {
        found.add("workflow " + workflow.name() + " is different");
      }
    }
    for (Workflow workflow : old.workflows()) {
      if (named(now, workflow).isEmpty()) {
        found.add("workflow " + workflow.name() + " is in it, and not in the sources");
      }
    }
    return found.isEmpty() ? List.of("the lock file is written otherwise") : found;
  }

  private static Optional<Workflow> named(LockFile lock, Workflow workflow) {
    return lock.workflows().stream().filter(w -> w.name().equals(workflow.name())).findFirst();
  }
}

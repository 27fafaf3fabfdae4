package dev.holdfast.cli;

import dev.holdfast.agent.AgentConfig.BackendChoice;
import dev.holdfast.cli.local.LocalBackend;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.definition.LockFile;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code holdfast init}. */
@CommandLine.Command(
    name = "init",
    description = {
      "Writes a first workflow that works: .holdfast/Ci.java and its lock file, or .holdfast/ci.yaml.",
      "Never overwrites a file."
    },
    footer = {
      "",
      "Examples:",
      "  holdfast init                       in Java, and compiled",
      "  holdfast init --yaml                only commands, nothing to compile",
      "  holdfast init --image debian:12     for agents that make containers"
    })
final class InitCommand extends Command {
  @Option(names = "--yaml", description = "In YAML, for workflows that only run commands.")
  boolean yaml;

  @Option(
      names = "--image",
      paramLabel = "IMAGE",
      description = "What the job's container is made from.")
  @Nullable String image;

  InitCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  ExitCode run() throws IOException, InterruptedException {
    Path root =
        WorkingTree.around(terminal.directory())
            .map(WorkingTree::root)
            .orElse(terminal.directory());
    var tree = new WorkingTree(root);
    Path file = tree.folder().resolve(yaml ? "ci.yaml" : "Ci.java");
    if (image != null
        && (image.isBlank() || image.codePoints().anyMatch(Character::isISOControl))) {
      throw new Refusal(ExitCode.USAGE, "--image: " + Quote.of(image) + " is not an image");
    }
    if (Files.isSymbolicLink(tree.folder())) {
      throw new Refusal(
          ExitCode.USAGE, tree.folder() + " is a link; workflows are read from a folder only");
    }
    Files.createDirectories(tree.folder());
    try {
      Files.writeString(file, content(), StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS);
    } catch (FileAlreadyExistsException e) {
      throw new Refusal(
          ExitCode.USAGE,
          file + " is there already; nothing was written. Edit it, or move it away",
          e);
    }
    terminal.out().println("Wrote " + terminal.directory().relativize(file));
    if (!yaml) {
      java(tree);
    }
    terminal.err().println("Try it here: holdfast run");
    return ExitCode.OK;
  }

  private void java(WorkingTree tree) throws InterruptedException {
    var namespaces = new LocalBackend(BackendChoice.NAMESPACES, Optional.empty(), true);
    new CompileCommand(terminal).writeLock(tree, namespaces);
    terminal.out().println("Wrote " + LockFile.PATH);
    terminal
        .variable("HOLDFAST_HOME")
        .ifPresent(home ->
            terminal
                .err()
                .println(
                    "For completion in an editor add "
                        + Path.of(home, "lib")
                        + "/holdfast-sdk-"
                        + Version.number()
                        + ".jar to the project's libraries."));
  }

  private String content() throws IOException {
    String name = yaml ? "init/ci.yaml" : "init/Ci.java.txt";
    try (InputStream in = InitCommand.class.getResourceAsStream(name)) {
      String text =
          new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
      return text.replace("@IMAGE@", image == null ? "" : image(image));
    }
  }

  /** JSON's strings are strings of Java and of YAML, too. */
  private String image(String name) {
    String quoted = JsonText.compact(new Json.Str(name));
    return yaml ? "\n    image: " + quoted : "\n            .image(" + quoted + ")";
  }
}

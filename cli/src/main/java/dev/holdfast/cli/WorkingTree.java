package dev.holdfast.cli;

import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.orchestrator.definition.DefinitionFiles;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The repository that somebody works in.
 *
 * @param root the folder that holds {@code .holdfast/} and, in a git repository, {@code .git}
 */
record WorkingTree(Path root) {
  static final String FOLDER = ".holdfast";

  /** The nearest folder from here upwards that holds {@code .git} or {@code .holdfast}. */
  static Optional<WorkingTree> around(Path directory) {
    for (Path at = directory; at != null; at = at.getParent()) {
      if (Files.exists(at.resolve(".git")) || Files.isDirectory(at.resolve(FOLDER))) {
        return Optional.of(new WorkingTree(at));
      }
    }
    return Optional.empty();
  }

  /** The one that the terminal stands in, which must have workflows. */
  static WorkingTree of(Terminal terminal) {
    return around(terminal.directory())
        .filter(tree -> Files.isDirectory(tree.folder(), LinkOption.NOFOLLOW_LINKS))
        .orElseThrow(() ->
            new Refusal(
                ExitCode.NOT_FOUND,
                "there is no .holdfast folder in "
                    + terminal.directory()
                    + " or above it; `holdfast init` writes one"));
  }

  Path folder() {
    return root.resolve(FOLDER);
  }

  /** What stands in {@code .holdfast/}, read as the server reads it from a commit. */
  DefinitionFiles definitionFiles() {
    var files = new LinkedHashMap<String, byte[]>();
    long size = 0;
    try (var listed = Files.newDirectoryStream(folder())) {
      for (Path file : listed) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          continue;
        }
        size += Files.size(file);
        if (size > DefinitionFiles.MOST_BYTES) {
          throw new Refusal(
              ExitCode.USAGE, folder() + " holds more than 8 MiB; only workflows belong there");
        }
        files.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new Refusal(ExitCode.INTERNAL, folder() + " cannot be read: " + e.getMessage(), e);
    }
    return new DefinitionFiles(files);
  }

  /** The Java sources among {@code files}; empty if there are none. */
  static Optional<Sources> sources(Map<String, byte[]> files) {
    var texts = new LinkedHashMap<String, String>();
    files.forEach((name, bytes) -> {
      if (name.endsWith(".java")) {
        try {
          texts.put(
              name,
              StandardCharsets.UTF_8
                  .newDecoder()
                  .decode(java.nio.ByteBuffer.wrap(bytes))
                  .toString());
        } catch (CharacterCodingException e) {
          throw new Refusal(
              ExitCode.USAGE, ".holdfast/" + Plain.of(name) + " is not UTF-8; save it as UTF-8", e);
        }
      }
    });
    if (texts.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Sources(texts));
    } catch (IllegalArgumentException e) {
      throw new Refusal(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  /** Refuses a definition that is not good, each error on a line of its own. */
  static Refusal invalid(List<String> errors) {
    return new Refusal(
        ExitCode.USAGE,
        errors.size() == 1 ? "the definition has an error" : "the definition has errors",
        errors.stream().map(Plain::of).toList());
  }
}

package dev.holdfast.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** What the host's own files say. Tests give them as a table. */
interface Host {
  /** The text of a file, without the white space around it; empty if it cannot be read. */
  Optional<String> text(String path);

  boolean exists(String path);

  /** Whether one of {@code places} has a program of this name. */
  default boolean hasProgram(String name, String... places) {
    return Arrays.stream(places).anyMatch(place -> exists(place + "/" + name));
  }

  /** -1 if the file is not there or holds no number. */
  default long number(String path) {
    String text = text(path).orElse("");
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
  }

  /** This one. */
  static Host here() {
    return new Host() {
      @Override
      public Optional<String> text(String path) {
        try {
          return Optional.of(Files.readString(Path.of(path)).strip());
        } catch (IOException e) {
          // Not every kernel has every file.
          return Optional.empty();
        }
      }

      @Override
      public boolean exists(String path) {
        return Files.exists(Path.of(path));
      }
    };
  }
}

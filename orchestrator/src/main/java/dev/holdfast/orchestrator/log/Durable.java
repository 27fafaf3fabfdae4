package dev.holdfast.orchestrator.log;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Makes folders and their entries survive a power cut. */
final class Durable {
  private Durable() {}

  /** Makes {@code folder}, in a folder that is there, if it is not there. */
  static void folder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      Path parent = folder.getParent();
      if (parent != null) {
        entries(parent);
      }
    }
  }

  /** Flushes which files {@code folder} holds. */
  static void entries(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}

package dev.holdfast.runner.step;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A process and all that came of it: its descendants, and those that left the tree but still carry
 * the mark in their environment. A process that removes the mark escapes a stop of its step, never
 * the end of its sandbox.
 */
final class ProcessTree {
  private final ProcessHandle root;
  private final byte[] mark;

  ProcessTree(ProcessHandle root, String mark) {
    this.root = root;
    this.mark = mark.getBytes(StandardCharsets.UTF_8);
  }

  void terminate() {
    for (ProcessHandle process : all()) {
      process.destroy();
    }
  }

  void kill() {
    // Twice: what was forked while the first round went on is found by the second.
    for (int round = 0; round < 2; round++) {
      for (ProcessHandle process : all()) {
        process.destroyForcibly();
      }
    }
  }

  private List<ProcessHandle> all() {
    var found = new ArrayList<ProcessHandle>();
    found.add(root);
    root.descendants().forEach(found::add);
    long self = ProcessHandle.current().pid();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path entry : entries) {
        long pid = Long.parseLong(entry.getFileName().toString());
        if (pid != self && marked(entry)) {
          Optional<ProcessHandle> process = ProcessHandle.of(pid);
          process.filter(p -> !found.contains(p)).ifPresent(found::add);
        }
      }
    } catch (IOException e) {
      // Without /proc there are the descendants.
      return found;
    }
    return found;
  }

  private boolean marked(Path entry) {
    try {
      byte[] environment = Files.readAllBytes(entry.resolve("environ"));
      return contains(environment);
    } catch (IOException e) {
      // Another user's process, or one that has just ended: not of this step.
      return false;
    }
  }

  private boolean contains(byte[] environment) {
    int start = 0;
    for (int i = 0; i <= environment.length; i++) {
      if (i == environment.length || environment[i] == 0) {
        if (java.util.Arrays.equals(environment, start, i, mark, 0, mark.length)) {
          return true;
        }
        start = i + 1;
      }
    }
    return false;
  }
}

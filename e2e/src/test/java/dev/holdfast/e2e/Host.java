package dev.holdfast.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What of Holdfast's is on this host: asked before and after, to show that nothing stays. */
final class Host {
  private Host() {}

  /** Everything that names {@code folder}, or that a sandbox would be recognised by. */
  static List<String> traces(Path folder) {
    var found = new ArrayList<String>();
    processes(folder).forEach(p -> found.add("process " + p));
    lines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.contains(folder.toString()))
        .forEach(line -> found.add("mount " + line));
    Path jobs = folder.resolve("job");
    if (Files.isDirectory(jobs)) {
      try (Stream<Path> left = Files.list(jobs)) {
        left.forEach(path -> found.add("folder " + path));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
    return found;
  }

  /** Command lines of sandboxes whose arguments name {@code folder}. */
  static List<String> processes(Path folder) {
    var found = new ArrayList<String>();
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      for (Path process : (Iterable<Path>) all::iterator) {
        if (process.getFileName().toString().matches("[0-9]+")) {
          String command = read(process.resolve("cmdline")).replace('\0', ' ');
          boolean sandbox = command.contains("bwrap") || command.contains("/opt/holdfast");
          if (sandbox && (command.contains(folder.toString()) || inSandboxOf(process, folder))) {
            found.add(process.getFileName() + " " + command);
          }
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return found;
  }

  private static boolean inSandboxOf(Path process, Path folder) {
    return lines(process.resolve("mountinfo")).stream()
        .anyMatch(line -> line.contains(folder.toString()));
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // the process is gone
    }
  }

  private static List<String> lines(Path file) {
    return read(file).lines().toList();
  }
}

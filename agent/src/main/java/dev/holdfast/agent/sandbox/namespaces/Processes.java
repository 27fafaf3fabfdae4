package dev.holdfast.agent.sandbox.namespaces;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** What the kernel says of processes. */
final class Processes {
  private static final Path PROC = Path.of("/proc");

  private Processes() {}

  /** Those that run as {@code uid}, zombies left out. */
  static List<ProcessHandle> of(int uid) throws IOException {
    var found = new ArrayList<ProcessHandle>();
    try (var listed = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path entry : listed) {
        if (runsAs(entry, uid)) {
          ProcessHandle.of(Long.parseLong(entry.getFileName().toString())).ifPresent(found::add);
        }
      }
    }
    return found;
  }

  private static boolean runsAs(Path entry, int uid) {
    try {
      // The owner of the directory is root for processes that cannot be dumped; status tells truly.
      boolean zombie = false;
      for (String line : Files.readAllLines(entry.resolve("status"))) {
        zombie |= line.startsWith("State:\tZ") || line.startsWith("State:\tX");
        if (line.startsWith("Uid:")) {
          return !zombie && List.of(line.substring(4).strip().split("\\s+")).contains("" + uid);
        }
      }
      return false;
    } catch (IOException e) {
      // It ended while we looked.
      return false;
    }
  }

  /** The first child of {@code pid}, if it has one by now. */
  static OptionalLong firstChild(long pid) {
    try {
      String children = Files.readString(PROC.resolve(pid + "/task/" + pid + "/children")).strip();
      return children.isEmpty()
          ? OptionalLong.empty()
          : OptionalLong.of(Long.parseLong(children.split(" ")[0]));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** When {@code pid} started, in the kernel's ticks: with the pid, a process's name for good. */
  static OptionalLong startTime(long pid) {
    try {
      String stat = Files.readString(PROC.resolve(pid + "/stat"));
      // The name of the program may hold anything, so count from its closing bracket.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return OptionalLong.of(Long.parseLong(fields[19]));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}

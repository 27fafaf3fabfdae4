package dev.holdfast.agent.sandbox.namespaces;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** What the kernel says of processes. */
final class Processes {
  private static final Path PROC = Path.of("/proc");

  private Processes() {}

  /**
   * A process that a later one with the same pid cannot be taken for.
   *
   * @param start in the kernel's ticks since it booted
   */
  record Living(long pid, long start, ProcessHandle handle) {
    static Optional<Living> of(long pid) {
      OptionalLong start = startTime(pid);
      Optional<ProcessHandle> handle = ProcessHandle.of(pid);
      return start.isPresent() && handle.isPresent()
          ? Optional.of(new Living(pid, start.getAsLong(), handle.get()))
          : Optional.empty();
    }

    /** Kills it if it is still the one. */
    void kill() {
      if (lives(pid, start)) {
        handle.destroyForcibly();
      }
    }

    boolean awaitEnd(long deadline) throws InterruptedException {
      return Processes.awaitEnd(pid, start, deadline);
    }
  }

  /** Those that run as {@code uid}, zombies left out. */
  static List<Living> of(int uid) throws IOException {
    var found = new ArrayList<Living>();
    try (var listed = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path entry : listed) {
        if (runsAs(entry, uid)) {
          Living.of(Long.parseLong(entry.getFileName().toString())).ifPresent(found::add);
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

  /** How many files this process, and so whatever it starts, may ever have open. */
  static long mostOpenFiles() throws IOException {
    for (String line : Files.readAllLines(PROC.resolve("self/limits"))) {
      if (line.startsWith("Max open files")) {
        String hard = line.split("\\s{2,}")[2];
        return hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard);
      }
    }
    throw new IOException("/proc/self/limits does not say how many files may be open");
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

  /**
   * Waits until {@code pid}, started at {@code start}, has ended; a zombie has.
   *
   * <p>Not {@link ProcessHandle#onExit}: for a process that is not our child it looks only now and
   * then, and would make every job a second longer.
   *
   * @return whether it ended before {@code deadline}, by {@link System#nanoTime}
   */
  private static boolean awaitEnd(long pid, long start, long deadline) throws InterruptedException {
    long pause = 200_000;
    while (lives(pid, start)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      TimeUnit.NANOSECONDS.sleep(pause);
      pause = Math.min(pause * 2, 20_000_000);
    }
    return true;
  }

  private static boolean lives(long pid, long start) {
    try {
      String stat = Files.readString(PROC.resolve(pid + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return Long.parseLong(fields[19]) == start
          && !fields[0].equals("Z")
          && !fields[0].equals("X");
    } catch (IOException e) {
      return false;
    }
  }
}

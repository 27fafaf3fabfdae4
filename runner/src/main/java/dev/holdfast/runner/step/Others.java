package dev.holdfast.runner.step;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The processes of a sandbox that are neither this one nor what started it: whatever steps left
 * behind. Only for a sandbox with processes of its own.
 */
public final class Others {
  private static final Path PROC = Path.of("/proc");

  /** A process that is killed is gone within a moment, unless it is made anew all the time. */
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(5);

  private static final long PAUSE_MILLIS = 2;

  private Others() {}

  /**
   * Ends all of them.
   *
   * @return how many could not be ended
   * @throws IOException if they cannot be listed
   */
  public static int end() throws IOException, InterruptedException {
    Set<Long> spared = ours();
    long deadline = System.nanoTime() + PATIENCE;
    while (true) {
      List<Long> left = living(spared);
      if (left.isEmpty() || System.nanoTime() - deadline > 0) {
        return left.size();
      }
      left.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** This process and those that it came of. */
  private static Set<Long> ours() {
    var pids = new HashSet<Long>();
    Optional<ProcessHandle> at = Optional.of(ProcessHandle.current());
    while (at.isPresent() && pids.add(at.get().pid())) {
      at = at.get().parent();
    }
    // The first process takes in orphans, and nothing can end it from inside.
    pids.add(1L);
    return pids;
  }

  private static List<Long> living(Set<Long> spared) throws IOException {
    var found = new ArrayList<Long>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path entry : entries) {
        long pid = Long.parseLong(entry.getFileName().toString());
        if (!spared.contains(pid) && lives(entry)) {
          found.add(pid);
        }
      }
    }
    return found;
  }

  /** Whether it is more than an entry that its parent did not collect yet. */
  private static boolean lives(Path entry) throws IOException {
    String stat;
    try {
      stat = Files.readString(entry.resolve("stat"), java.nio.charset.StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      // It ended while it was read; what is there is found by the next round.
      if (String.valueOf(e.getMessage()).contains("No such process")) {
        return false;
      }
      throw e;
    }
    // The name before the state may hold anything, also a parenthesis.
    char state = stat.charAt(stat.lastIndexOf(')') + 2);
    return state != 'Z' && state != 'X';
  }
}

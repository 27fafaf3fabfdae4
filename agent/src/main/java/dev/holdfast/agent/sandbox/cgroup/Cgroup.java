package dev.holdfast.agent.sandbox.cgroup;

import dev.holdfast.agent.sandbox.SandboxUnavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One sandbox's cgroup, a directory in each hierarchy. Thread-safe. */
public final class Cgroup {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String name;
  private final Map<Path, Integer> directories;

  Cgroup(String name, Map<Path, Integer> directories) {
    this.name = name;
    this.directories = Map.copyOf(directories);
  }

  /** A process that writes {@code 0} into each of these is in it, and so are all its children. */
  public List<Path> doors() {
    return directories.keySet().stream().map(d -> d.resolve("cgroup.procs")).toList();
  }

  /** Its own, below the agent's. */
  public String name() {
    return name;
  }

  /** How many processes of it the kernel killed because memory ran out. */
  public long outOfMemory() {
    return directories.keySet().stream()
        .flatMap(d -> Stream.of(d.resolve("memory.oom_control"), d.resolve("memory.events")))
        .mapToLong(Cgroup::kills)
        .sum();
  }

  private static long kills(Path file) {
    try {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith("oom_kill ")) {
          return Long.parseLong(line.substring("oom_kill ".length()));
        }
      }
      return 0;
    } catch (IOException e) {
      // Not the version that has this file, or gone already.
      return 0;
    }
  }

  /**
   * Kills what is still in it, and removes it.
   *
   * @throws SandboxUnavailable if something in it does not end, naming it
   */
  public void destroy() throws SandboxUnavailable {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    for (Path directory : directories.keySet()) {
      while (!removed(directory)) {
        try {
          for (String pid : Files.readAllLines(directory.resolve("cgroup.procs"))) {
            ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
          }
          if (System.nanoTime() > deadline) {
            throw new SandboxUnavailable(
                "the cgroup "
                    + directory
                    + " does not become empty; in it are "
                    + Files.readAllLines(directory.resolve("cgroup.procs")));
          }
          TimeUnit.MILLISECONDS.sleep(1);
        } catch (SandboxUnavailable e) {
          throw e;
        } catch (IOException e) {
          if (!(e instanceof NoSuchFileException)) {
            throw new SandboxUnavailable("the cgroup " + directory + " cannot be read", e);
          }
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new SandboxUnavailable("interrupted while a cgroup was removed", e);
        }
      }
    }
  }

  private static boolean removed(Path directory) {
    try {
      Files.deleteIfExists(directory);
      return true;
    } catch (IOException e) {
      // Busy: something is in it, or the kernel has not let go of the last that was.
      return false;
    }
  }

  @Override
  public String toString() {
    return "cgroup " + name;
  }
}

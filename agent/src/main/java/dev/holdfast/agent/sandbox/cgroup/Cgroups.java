package dev.holdfast.agent.sandbox.cgroup;

import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.model.digest.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The cgroups of one agent: {@code holdfast/AGENT/ATTEMPT} in each hierarchy that has a controller
 * which is needed. The agent's part of the name comes from its data directory, so that no agent of
 * a host touches another's. Thread-safe.
 */
public final class Cgroups {
  private static final long PERIOD_MICROS = 100_000;

  private final Hierarchies hierarchies;
  private final String agent;

  private Cgroups(Hierarchies hierarchies, String agent) {
    this.hierarchies = hierarchies;
    this.agent = agent;
  }

  /**
   * @param data the agent's data directory
   */
  public static Cgroups of(Path data) throws IOException {
    var hierarchies =
        Hierarchies.of(
            Files.readAllLines(Path.of("/proc/self/mountinfo")),
            point -> {
              try {
                return Files.readString(point.resolve("cgroup.controllers"));
              } catch (IOException e) {
                // Without that file the hierarchy has no controller that could be used.
                return "";
              }
            });
    return new Cgroups(hierarchies, Sha256.hex(data.toRealPath().toString(), 8));
  }

  /** Why limits cannot be enforced here, and the mend; empty if they can. Tries it for real. */
  public Optional<String> problem() {
    Optional<String> missing = hierarchies.missing();
    if (missing.isPresent()) {
      return Optional.of(
          "this host has no cgroup controller '"
              + missing.get()
              + "'; mount cgroup2, or boot with it switched on");
    }
    String name = "check-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    try {
      create(name, Limits.standard()).destroy();
      return Optional.empty();
    } catch (SandboxUnavailable e) {
      return Optional.of(
          e.getMessage()
              + "; run the agent as root, or as a service with Delegate=yes and cgroup2");
    }
  }

  /** A cgroup with these limits, in which nothing runs. */
  public Cgroup create(String name, Limits limits) throws SandboxUnavailable {
    Map<Path, Integer> directories = new LinkedHashMap<>();
    try {
      for (Hierarchies.Place place : places()) {
        Path parent = place.root().resolve("holdfast").resolve(agent);
        Files.createDirectories(parent);
        if (place.version() == 2) {
          delegate(place.root());
          delegate(place.root().resolve("holdfast"));
          delegate(parent);
        }
        Path directory = Files.createDirectory(parent.resolve(name));
        directories.put(directory, place.version());
      }
      var made = new Cgroup(name, directories);
      for (Map.Entry<String, Hierarchies.Place> each : hierarchies.places().entrySet()) {
        Path directory = each.getValue().root().resolve("holdfast").resolve(agent).resolve(name);
        limit(directory, each.getValue().version(), each.getKey(), limits);
      }
      return made;
    } catch (IOException e) {
      try {
        new Cgroup(name, directories).destroy();
      } catch (SandboxUnavailable f) {
        e.addSuppressed(f);
      }
      throw new SandboxUnavailable(
          "a cgroup for the job cannot be made: "
              + e.getClass().getSimpleName()
              + " "
              + e.getMessage(),
          e);
    }
  }

  private List<Hierarchies.Place> places() {
    return hierarchies.places().values().stream().distinct().toList();
  }

  /** Lets children of a v2 group have the controllers. */
  private void delegate(Path group) throws IOException {
    Path control = group.resolve("cgroup.subtree_control");
    List<String> has = List.of(Files.readString(control).strip().split(" "));
    for (Map.Entry<String, Hierarchies.Place> each : hierarchies.places().entrySet()) {
      if (each.getValue().version() == 2 && !has.contains(each.getKey())) {
        Files.writeString(control, "+" + each.getKey());
      }
    }
  }

  private static void limit(Path group, int version, String controller, Limits limits)
      throws IOException {
    long quota = PERIOD_MICROS * limits.cpus() / 1000;
    switch (controller + version) {
      case "memory1" -> {
        write(group, "memory.limit_in_bytes", limits.memory());
        // There only where the kernel accounts for swap; else there is none to limit.
        if (Files.exists(group.resolve("memory.memsw.limit_in_bytes"))) {
          write(group, "memory.memsw.limit_in_bytes", limits.memory());
        }
      }
      case "memory2" -> {
        write(group, "memory.max", limits.memory());
        if (Files.exists(group.resolve("memory.swap.max"))) {
          write(group, "memory.swap.max", 0);
        }
      }
      case "cpu1" -> {
        write(group, "cpu.cfs_period_us", PERIOD_MICROS);
        write(group, "cpu.cfs_quota_us", quota);
      }
      case "cpu2" -> Files.writeString(group.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
      case "pids1", "pids2" -> write(group, "pids.max", limits.pids());
      default -> throw new IllegalArgumentException(controller);
    }
  }

  private static void write(Path group, String file, long value) throws IOException {
    Files.writeString(group.resolve(file), Long.toString(value));
  }

  /** Removes this agent's own, empty, place; the kernel keeps it if something is in it. */
  public void close() {
    for (Hierarchies.Place place : places()) {
      Path parent = place.root().resolve("holdfast");
      for (Path directory : List.of(parent.resolve(agent), parent)) {
        try {
          Files.deleteIfExists(directory);
        } catch (IOException e) {
          // Not empty: another agent's, or what the next start of this one removes.
          break;
        }
      }
    }
  }

  /** The directories of this agent's cgroup {@code name} that are there. */
  public List<String> named(String name) {
    return places().stream()
        .map(place -> place.root().resolve("holdfast").resolve(agent).resolve(name))
        .filter(Files::exists)
        .map(Path::toString)
        .toList();
  }

  /** Those of this agent that are there: what an earlier one left, if nothing runs now. */
  public List<Cgroup> leftovers() throws IOException {
    Map<String, Map<Path, Integer>> found = new LinkedHashMap<>();
    for (Hierarchies.Place place : places()) {
      Path ours = place.root().resolve("holdfast").resolve(agent);
      if (!Files.isDirectory(ours)) {
        continue;
      }
      try (var listed = Files.newDirectoryStream(ours, Files::isDirectory)) {
        for (Path directory : listed) {
          found
              .computeIfAbsent(directory.getFileName().toString(), n -> new LinkedHashMap<>())
              .put(directory, place.version());
        }
      }
    }
    var all = new ArrayList<Cgroup>();
    found.forEach((name, directories) -> all.add(new Cgroup(name, directories)));
    return all;
  }
}

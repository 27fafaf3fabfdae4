package dev.holdfast.agent.inventory;

import dev.holdfast.agent.egress.host.EgressUnavailable;
import dev.holdfast.agent.egress.host.Program;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.cgroup.Cgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads what {@link Inventory} tells by: the kernel's own files, the filter if the attempt had a
 * network, and the container engine if the backend has one.
 */
public final class HostReader {
  private static final Path PROC = Path.of("/proc");
  private static final Path BLOCK = Path.of("/sys/block");
  private static final Path NET = Path.of("/sys/class/net");

  /** As the kernel tells times to user space, on every processor. */
  private static final double TICKS = 100;

  private HostReader() {}

  /** Now, as {@link Subject#closing} counts. */
  public static long ticks() throws IOException {
    String uptime = Files.readString(PROC.resolve("uptime")).split(" ")[0];
    return (long) Math.ceil(Double.parseDouble(uptime) * TICKS);
  }

  /**
   * @param data the agent's data directory
   */
  public static Readings read(Subject subject, Path data, SandboxBackend backend) {
    var failures = new ArrayList<String>();
    List<String> cgroups =
        or(failures, "the cgroups", List.of(), () -> Cgroups.of(data).named(subject.attempt()));
    return new Readings(
        or(failures, "the processes", List.of(), () -> processes(subject, cgroups)),
        or(failures, "the mounts", List.of(), HostReader::mounts),
        or(failures, "the loop devices", List.of(), HostReader::loops),
        cgroups,
        or(failures, "the interfaces", Set.of(), () -> Set.copyOf(names(NET))),
        or(failures, "the egress filter", "", () -> filter(subject)),
        or(failures, "the container engine", List.of(), () -> backend.labelled(subject.attempt())),
        Files.exists(subject.directory(), LinkOption.NOFOLLOW_LINKS),
        failures);
  }

  private interface Reading<T> {
    T read() throws IOException, SandboxUnavailable, EgressUnavailable;
  }

  private static <T> T or(List<String> failures, String what, T none, Reading<T> reading) {
    try {
      return reading.read();
    } catch (IOException | EgressUnavailable e) {
      failures.add(what + " cannot be looked at: " + e.getMessage());
      return none;
    }
  }

  /**
   * Those that can matter: of the attempt's cgroup, without which no process can be in it, and of
   * its user. To read more of every process would cost more than all else.
   */
  private static List<Readings.Running> processes(Subject subject, List<String> cgroups)
      throws IOException {
    Set<String> pids = new TreeSet<>();
    for (String group : cgroups) {
      pids.addAll(inside(Path.of(group, "cgroup.procs")));
    }
    if (subject.user().isPresent()) {
      String user = Integer.toString(subject.user().getAsInt());
      try (var listed = Files.newDirectoryStream(PROC, "[0-9]*")) {
        for (Path entry : listed) {
          // The directory of what cannot be dumped is root's, whoever it runs as.
          String status = orGone(entry.resolve("status"));
          if (Arrays.asList(line(status, "Uid:").split("\\s+")).contains(user)) {
            pids.add(String.valueOf(entry.getFileName()));
          }
        }
      }
    }
    var found = new ArrayList<Readings.Running>();
    for (String pid : pids) {
      process(PROC.resolve(pid)).ifPresent(found::add);
    }
    return found;
  }

  private static List<String> inside(Path procs) throws IOException {
    return orGone(procs).lines().toList();
  }

  private static Optional<Readings.Running> process(Path entry) throws IOException {
    String status = orGone(entry.resolve("status"));
    String groups = orGone(entry.resolve("cgroup"));
    String stat = orGone(entry.resolve("stat"));
    String state = line(status, "State:");
    if (state.isEmpty() || stat.isEmpty() || state.startsWith("Z") || state.startsWith("X")) {
      return Optional.empty();
    }
    return Optional.of(
        new Readings.Running(
            Long.parseLong(String.valueOf(entry.getFileName())),
            line(status, "Name:"),
            Arrays.stream(line(status, "Uid:").split("\\s+"))
                .map(Integer::valueOf)
                .collect(Collectors.toSet()),
            groups,
            Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19])));
  }

  /** Empty where there is no such line, as of a process that ended. */
  private static String line(String status, String key) {
    int at = status.startsWith(key) ? 0 : status.indexOf("\n" + key) + 1;
    if (at == 0 && !status.startsWith(key)) {
      return "";
    }
    int end = status.indexOf('\n', at);
    return status.substring(at + key.length(), end < 0 ? status.length() : end).strip();
  }

  private static List<String> mounts() throws IOException {
    try (Stream<String> lines = Files.lines(PROC.resolve("self/mountinfo"))) {
      return lines.map(line -> line.split(" ")[4]).toList();
    }
  }

  private static List<String> loops() throws IOException {
    var files = new ArrayList<String>();
    if (!Files.isDirectory(BLOCK)) {
      return files;
    }
    try (var listed = Files.newDirectoryStream(BLOCK, "loop*")) {
      for (Path device : listed) {
        Path file = device.resolve("loop/backing_file");
        if (Files.exists(file)) {
          files.add(orGone(file).strip());
        }
      }
    }
    return files;
  }

  /** Empty if it went while we looked. */
  private static String orGone(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      // A process that ends is said to be none, or not to be there; either way there is no file.
      if (Files.exists(file)) {
        throw e;
      }
      return "";
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> listed = Files.list(directory)) {
      return listed.map(path -> String.valueOf(path.getFileName())).toList();
    }
  }

  private static String filter(Subject subject) throws EgressUnavailable {
    if (subject.link().isEmpty()) {
      return "";
    }
    Program.Answer answer =
        Program.need("nft", "nftables").run("", "-n", "list", "table", "inet", "holdfast");
    if (answer.good() || answer.complaint().contains("No such file or directory")) {
      return answer.out();
    }
    throw new EgressUnavailable(answer.complaint());
  }
}

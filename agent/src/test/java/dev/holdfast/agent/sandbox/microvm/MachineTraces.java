package dev.holdfast.agent.sandbox.microvm;

import dev.holdfast.model.digest.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What of an agent's machines is on this host, by kind; by the host's own means, and asked of
 * nothing that the agent uses.
 */
final class MachineTraces {
  /** An agent in a service of its own has them deeper than one that was started by hand. */
  private static final int DEEPEST = 12;

  private final Path data;
  private final String mark;

  MachineTraces(Path data) throws IOException {
    this.data = data.toRealPath();
    this.mark = Sha256.hex(this.data.toString(), 4);
  }

  /** How the names of this agent's machines begin. */
  String prefix() {
    return "hfvm" + mark + "-";
  }

  /** Kinds of which there is something, and what. */
  Map<String, List<String>> take() throws IOException {
    var all = new TreeMap<String, List<String>>();
    all.put("processes", processes());
    all.put("namespaces", beginning(Path.of("/run/netns"), prefix()));
    all.put("taps", beginning(Path.of("/sys/class/net"), MachineNetwork.TAP));
    all.put("cgroups", cgroups());
    all.put("mounts", mounts());
    all.put("lines", beginning(Path.of("/run/holdfast/vm", mark), ""));
    all.put("files", beginning(data.resolve("job"), ""));
    all.values().removeIf(List::isEmpty);
    return all;
  }

  /** Those that name the data or a machine, and those in a machine's cgroup. */
  private List<String> processes() throws IOException {
    var found = new ArrayList<String>();
    String self = Long.toString(ProcessHandle.current().pid());
    for (String pid : beginning(Path.of("/proc"), "")) {
      if (pid.matches("[0-9]+") && !pid.equals(self)) {
        String command = text(Path.of("/proc", pid, "cmdline")).replace('\0', ' ');
        if (command.contains(data.toString())
            || command.contains(prefix())
            || text(Path.of("/proc", pid, "cgroup")).contains(prefix())) {
          found.add(pid + " " + command);
        }
      }
    }
    return found;
  }

  private List<String> cgroups() throws IOException {
    var found = new ArrayList<String>();
    Files.walkFileTree(
        Path.of("/sys/fs/cgroup"),
        java.util.EnumSet.noneOf(java.nio.file.FileVisitOption.class),
        DEEPEST,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path at, BasicFileAttributes attributes) {
            return seen(at);
          }

          @Override
          public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
            return seen(at);
          }

          @Override
          public FileVisitResult visitFileFailed(Path at, IOException gone) {
            return FileVisitResult.CONTINUE;
          }

          private FileVisitResult seen(Path at) {
            if (String.valueOf(at.getFileName()).startsWith(prefix())) {
              found.add(at.toString());
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  private List<String> mounts() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(line -> line.contains(data.toString()) || line.contains(prefix()))
        .toList();
  }

  /** Bytes that the agent's data takes on its disk; the images are elsewhere, behind a link. */
  long disk() throws IOException {
    long[] blocks = {0};
    Files.walkFileTree(
        data,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            // A sparse file is as large as what was written into it.
            blocks[0] += attributes.isRegularFile() ? allocated(file) : 0;
            return FileVisitResult.CONTINUE;
          }
        });
    return blocks[0];
  }

  private static long allocated(Path file) {
    try {
      Process stat = new ProcessBuilder("stat", "-c", "%b %B", file.toString()).start();
      String[] said =
          new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .strip()
              .split(" ");
      return Long.parseLong(said[0]) * Long.parseLong(said[1]);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      // It ended while we looked.
      return "";
    }
  }

  private static List<String> beginning(Path directory, String prefix) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> listed = Files.list(directory)) {
      return listed
          .map(p -> String.valueOf(p.getFileName()))
          .filter(name -> name.startsWith(prefix))
          .sorted()
          .toList();
    }
  }
}

package dev.holdfast.probe;

import dev.holdfast.probe.lab.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What of an agent's jobs is on this host, by kind; by the host's own means, and asked of nothing
 * that the agent uses.
 *
 * @param folder of the agent
 * @param attempts how the ids of its attempts begin
 */
record HostInventory(Lab lab, Path folder, Optional<String> engine, String attempts) {
  private static final Pattern LINK = Pattern.compile("hfj[a-z0-9]+");

  /** Below the place of all cgroups. */
  private static final int DEEPEST = 8;

  Map<String, List<String>> take() throws IOException {
    var all = new TreeMap<String, List<String>>();
    all.put("mounts", lines(Path.of("/proc/self/mountinfo"), folder.toString()));
    all.put("files", names(folder.resolve("n/job"), folder.resolve("c/job")));
    all.put("disks", disks());
    all.put("cgroups", cgroups());
    all.put("processes", processes());
    all.put("interfaces", found(lab.runInHost("ip", "-o", "link")));
    all.put("rule elements", found(lab.runInHost("nft", "list", "ruleset")));
    all.put("containers", engine.isPresent() ? containers(engine.get()) : List.of());
    all.put("volumes", engine.isPresent() ? volumes(engine.get()) : List.of());
    return all;
  }

  private static List<String> found(String text) {
    return LINK.matcher(text).results().map(r -> r.group()).distinct().sorted().toList();
  }

  private List<String> disks() throws IOException {
    var found = new ArrayList<String>();
    for (String block : names(Path.of("/sys/block"))) {
      Path backing = Path.of("/sys/block", block, "loop/backing_file");
      if (Files.exists(backing) && Files.readString(backing).contains(folder.toString())) {
        found.add(block);
      }
    }
    return found;
  }

  private List<String> cgroups() throws IOException {
    var found = new ArrayList<String>();
    for (String hierarchy : names(Path.of("/sys/fs/cgroup"))) {
      Path agents = Path.of("/sys/fs/cgroup", hierarchy, "holdfast");
      for (String agent : names(agents)) {
        names(agents.resolve(agent)).stream().filter(this::ours).forEach(found::add);
      }
    }
    if (engine.isPresent()) {
      List<String> ids = containersOfLate(engine.get());
      try (var all = Files.walk(Path.of("/sys/fs/cgroup"), DEEPEST)) {
        all.map(p -> p.getFileName().toString()).filter(ids::contains).forEach(found::add);
      } catch (UncheckedIOException e) {
        throw new IOException("a cgroup went while they were listed; list them again", e);
      }
    }
    return found.stream().sorted().toList();
  }

  /** As many as the engine remembers, which are dozens. */
  private List<String> containersOfLate(String address) throws IOException {
    String window =
        "since="
            + (Instant.now().getEpochSecond() - 3600)
            + "&until="
            + Instant.now().getEpochSecond();
    return ids(get(address, "/events?" + window + "&filters=" + label()), "id");
  }

  private static List<String> ids(String json, String field) {
    return Pattern.compile("\"" + field + "\":\"([0-9a-f]{64})\"")
        .matcher(json)
        .results()
        .map(r -> r.group(1))
        .distinct()
        .sorted()
        .toList();
  }

  private boolean ours(String name) {
    return name.contains(attempts);
  }

  /** Those in a cgroup of an attempt, and those that have its folder in their arguments. */
  private List<String> processes() throws IOException {
    List<String> ids = engine.isPresent() ? containers(engine.get()) : List.of();
    var found = new ArrayList<String>();
    for (String pid : names(Path.of("/proc"))) {
      if (pid.matches("\\d+")) {
        try {
          String groups = Files.readString(Path.of("/proc", pid, "cgroup"));
          if (ours(groups) || ids.stream().anyMatch(groups::contains)) {
            found.add(pid);
          }
        } catch (IOException e) {
          // It ended while we looked.
        }
      }
    }
    return found;
  }

  private List<String> containers(String address) throws IOException {
    return ids(get(address, "/containers/json?all=1&filters=" + label()), "Id");
  }

  private List<String> volumes(String address) throws IOException {
    return Pattern.compile("\"Name\":\"([^\"]+)\"")
        .matcher(get(address, "/volumes?filters=" + label()))
        .results()
        .map(r -> r.group(1))
        .sorted()
        .toList();
  }

  /** The agent's name is that of its folder. */
  private String label() {
    return "%7B%22label%22%3A%5B%22dev.holdfast.agent%3D" + folder.getFileName() + "%22%5D%7D";
  }

  private static String get(String address, String path) throws IOException {
    var socket = UnixDomainSocketAddress.of(URI.create(address).getPath());
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(socket);
      String request = "GET " + path + " HTTP/1.0\r\nHost: engine\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      String answer =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      if (!answer.startsWith("HTTP/1.0 200") && !answer.startsWith("HTTP/1.1 200")) {
        throw new IOException("the engine said " + answer.lines().findFirst().orElse("nothing"));
      }
      return answer;
    }
  }

  private static List<String> lines(Path file, String about) throws IOException {
    return Files.readAllLines(file).stream().filter(line -> line.contains(about)).toList();
  }

  private static List<String> names(Path... directories) throws IOException {
    var all = new ArrayList<String>();
    for (Path directory : directories) {
      if (Files.isDirectory(directory)) {
        try (Stream<Path> listed = Files.list(directory)) {
          listed.forEach(p -> all.add(p.getFileName().toString()));
        }
      }
    }
    return all.stream().sorted().toList();
  }
}

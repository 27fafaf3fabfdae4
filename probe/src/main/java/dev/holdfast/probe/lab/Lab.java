package dev.holdfast.probe.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Two network namespaces: a <em>host</em>, in which an agent is started as a whole, and a
 * <em>net</em>, which owns every address there is and lies behind the host's only route. Neither
 * has a link to anything else, so that no packet gets out, whatever is switched off. Needs root.
 *
 * <p>A job's namespace is reached by its process, from wherever that was started.
 */
public final class Lab implements AutoCloseable {
  /** By which the agent knows that it is in a lab: the host's uplink has this name. */
  static final String UPLINK = "hflab";

  /** On which everything in a lab listens. */
  public static final int PORT = 7007;

  private final String host;
  private final String net;
  private final List<LabProcess> processes = new ArrayList<>();

  private Lab(String host, String net) {
    this.host = host;
    this.net = net;
  }

  /**
   * Makes a lab with nothing in it but listeners and names.
   *
   * @throws LabFailed having left nothing
   */
  public static Lab open() {
    byte[] random = new byte[3];
    new SecureRandom().nextBytes(random);
    String name = "hfl" + HexFormat.of().formatHex(random);
    var lab = new Lab(name + "h", name + "n");
    try {
      lab.build();
      return lab;
    } catch (LabFailed | IOException e) {
      try {
        lab.close();
      } catch (LabFailed second) {
        e.addSuppressed(second);
      }
      throw e instanceof LabFailed failed ? failed : new LabFailed("cannot make a lab", e);
    }
  }

  private void build() throws IOException {
    ip("netns add " + host);
    ip("netns add " + net);
    ip("-n " + host + " link add " + UPLINK + " type veth peer name up0 netns " + net);
    batch(
        host,
        """
        link set lo up
        addr add 192.0.2.2/24 dev hflab
        addr add 2001:db8:ffff::2/64 dev hflab nodad
        link set hflab up
        route add default via 192.0.2.1
        """);
    batch(
        net,
        """
        link set lo up
        addr add 192.0.2.1/24 dev up0
        addr add 2001:db8:ffff::1/64 dev up0 nodad
        link set up0 up
        route add local default dev lo table main
        route add local ::/0 dev lo table main
        """);
    // So that answers can come from each address that this namespace is said to own.
    run(inside(net, List.of("sh", "-c", "echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind")), "");
    // The link must be up at both ends before a route over it is taken.
    batch(host, "route add ::/0 via 2001:db8:ffff::1\n");
    var words = new ArrayList<>(List.of("world"));
    words.addAll(LabAddresses.all());
    processes.add(start(net, LabListener.class, words));
    processes.add(
        start(host, LabListener.class, List.of("host", LabAddresses.HOST4, LabAddresses.HOST6)));
  }

  /** A command line that does {@code command} inside the host. */
  public List<String> inHost(List<String> command) {
    return inside(host, command);
  }

  private static List<String> inside(String namespace, List<String> command) {
    var line = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + namespace, "--"));
    line.addAll(command);
    return line;
  }

  /** Starts {@code main} of our own class path inside the host. Ends with the lab. */
  public LabProcess startInHost(Class<?> main, List<String> arguments) throws IOException {
    LabProcess process = start(host, main, arguments);
    processes.add(process);
    return process;
  }

  /** Starts {@code main} of our own class path inside the net. Ends with the lab. */
  public LabProcess startInNet(Class<?> main, List<String> arguments) throws IOException {
    LabProcess process = start(net, main, arguments);
    processes.add(process);
    return process;
  }

  /** Starts {@code main} of our own class path inside the namespace of {@code pid}. */
  public LabProcess startAt(long pid, Class<?> main, List<String> arguments) throws IOException {
    var line = new ArrayList<>(List.of("nsenter", "--net=/proc/" + pid + "/ns/net"));
    line.addAll(LabProcess.java(main, arguments));
    LabProcess process = LabProcess.start(line);
    processes.add(process);
    return process;
  }

  /** Somebody who calls addresses from inside the namespace of {@code pid}. Ends with the lab. */
  public LabCaller callerIn(long pid) throws IOException {
    return new LabCaller(startAt(pid, LabCalls.class, List.of()));
  }

  /** Somebody who calls addresses from the host itself. Ends with the lab. */
  public LabCaller callerInHost() throws IOException {
    return new LabCaller(startInHost(LabCalls.class, List.of()));
  }

  private static LabProcess start(String namespace, Class<?> main, List<String> arguments)
      throws IOException {
    return LabProcess.start(inside(namespace, LabProcess.java(main, arguments)));
  }

  /** Gives {@code name} these addresses, in the names that the host asks for. */
  public void name(String name, String... addresses) {
    world().ask("name " + name + " " + String.join(",", addresses));
  }

  /** Makes {@code name} lead to {@code target}. */
  public void alias(String name, String target) {
    world().ask("alias " + name + " " + target);
  }

  /** Whether a datagram with {@code word} has arrived at any address of the net. */
  public boolean hasSeen(String word) {
    return world().ask("seen " + word).equals("yes");
  }

  private LabProcess world() {
    return processes.getFirst();
  }

  /** Runs a program inside the host to its end. */
  public String runInHost(String... command) {
    return run(inside(host, List.of(command)), "");
  }

  private static void ip(String words) {
    var line = new ArrayList<>(List.of("ip"));
    line.addAll(List.of(words.split(" ")));
    run(line, "");
  }

  private static void batch(String namespace, String commands) {
    run(List.of("ip", "-n", namespace, "-batch", "-"), commands);
  }

  static String run(List<String> line, String input) {
    try {
      Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
      try (var in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new LabFailed(String.join(" ", line) + ": " + out.strip());
      }
      return out;
    } catch (IOException e) {
      throw new LabFailed("cannot run " + String.join(" ", line) + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabFailed("interrupted while making or ending a lab", e);
    }
  }

  /** Ends all that runs in the lab, removes it, and looks whether it is gone. */
  @Override
  public void close() {
    processes.reversed().forEach(LabProcess::close);
    var left = new ArrayList<String>();
    for (String namespace : List.of(host, net)) {
      Path place = Path.of("/run/netns", namespace);
      if (Files.exists(place)) {
        for (String pid : run(List.of("ip", "netns", "pids", namespace), "").split("\\s+")) {
          if (!pid.isEmpty()) {
            ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
          }
        }
        ip("netns delete " + namespace);
      }
      if (Files.exists(place)) {
        left.add(namespace);
      }
    }
    if (!left.isEmpty()) {
      throw new LabFailed(
          "the lab's namespaces " + left + " are still there; ip netns delete them");
    }
  }
}

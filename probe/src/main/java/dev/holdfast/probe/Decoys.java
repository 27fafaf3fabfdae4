package dev.holdfast.probe;

import dev.holdfast.probe.kit.Ipc;
import dev.holdfast.probe.kit.Sockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the attacks look for, planted on the host while the probe runs: a file, a process with
 * secrets in its environment and arguments, sockets, shared memory. All of it goes with {@link
 * #close}, and the process also with a probe that is killed.
 */
final class Decoys implements AutoCloseable {
  /** Variables that an agent has, and that neither a job nor an image has of its own. */
  private static final Pattern THE_AGENTS =
      Pattern.compile(
          "HOLDFAST_(HOME|DIST|DATA|SERVER|TOKEN|AGENT_TOKEN|DEBUG|TEST_ENGINE|PROBE_CANARY)"
              + "|DOCKER_HOST|SSH_[A-Z_]+|SUDO_[A-Z_]+|XDG_[A-Z_]+"
              + "|[A-Z0-9_]*(TOKEN|SECRET|PASSWORD|CREDENTIAL)[A-Z0-9_]*");

  private final String canary = "canary" + HexFormat.of().formatHex(random(12));
  private final String abstractName = "holdfast-" + HexFormat.of().formatHex(random(8));
  private final int key = 1 + new SecureRandom().nextInt(1 << 30);
  private final String queue = "holdfast-" + HexFormat.of().formatHex(random(8));
  private final Path folder;
  private final Process process;
  private final ServerSocket loopback;
  private final ServerSocketChannel socket;
  private final String socketName;
  private final long segment;
  private final String boot;

  /**
   * @param folder a new one for them, that every user may pass
   */
  Decoys(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (String name : new String[] {"secret", ".netrc", "token"}) {
      Path file = Files.writeString(folder.resolve(name), canary + "\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
    socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    socketName = bind(socket, folder);
    Files.setPosixFilePermissions(
        folder.resolve("s"), PosixFilePermissions.fromString("rwxrwxrwx"));
    loopback = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    process = process();
    Sockets.listenAbstract(abstractName);
    segment = Ipc.makeSegment(key);
    Ipc.makeOpenQueue(queue);
  }

  /** By a detour, since the kernel takes only short paths for sockets. */
  private static String bind(ServerSocketChannel socket, Path folder) throws IOException {
    Path detour = Files.createTempDirectory("hfp");
    Path link = detour.resolve("d");
    try {
      Files.createSymbolicLink(link, folder.toAbsolutePath());
      socket.bind(UnixDomainSocketAddress.of(link.resolve("s")));
      return link.resolve("s").toString();
    } finally {
      Files.deleteIfExists(link);
      Files.delete(detour);
    }
  }

  private Process process() throws IOException {
    // It ends when its standard input does, which the kernel sees to if the probe is killed.
    var builder =
        new ProcessBuilder(
            "/bin/sh", "-c", "exec 7<\"$1/secret\"; read line", canary, folder.toString());
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("HOLDFAST_AGENT_TOKEN", canary);
    return builder.start();
  }

  /** What appears nowhere else. */
  String canary() {
    return canary;
  }

  /** The variables that programs of attacks get. */
  Map<String, String> values() {
    var values = new LinkedHashMap<String, String>();
    values.put("DECOY_DIR", folder.toString());
    values.put("DECOY_SOCKET", socketName);
    values.put("DECOY_PID", Long.toString(process.pid()));
    values.put("DECOY_PORT", Integer.toString(loopback.getLocalPort()));
    values.put("DECOY_ABSTRACT", abstractName);
    values.put("DECOY_KEY", Integer.toString(key));
    values.put("DECOY_QUEUE", queue);
    values.put("HOST_BOOT", boot);
    values.put("AGENT_PID", Long.toString(ProcessHandle.current().pid()));
    values.put(
        "AGENT_NAMES",
        System.getenv().keySet().stream()
            .filter(n -> THE_AGENTS.matcher(n).matches())
            .sorted()
            .collect(Collectors.joining(" ")));
    return values;
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  @Override
  public void close() throws IOException {
    Ipc.removeSegment(segment);
    Ipc.removeQueue(queue);
    process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    loopback.close();
    socket.close();
  }
}

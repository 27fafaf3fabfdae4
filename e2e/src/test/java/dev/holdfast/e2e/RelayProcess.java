package dev.holdfast.e2e;

import dev.holdfast.model.wire.relay.Invitation;
import dev.holdfast.relay.Relay;
import dev.holdfast.relay.RelaySettings;
import dev.holdfast.relay.http.Listening;
import dev.holdfast.relay.http.Ranges;
import dev.holdfast.relay.ingress.Limits;
import dev.holdfast.relay.store.Allowance;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A relay in a process of its own, which can be killed and started again at the same ports. */
final class RelayProcess implements AutoCloseable {
  private final String database;
  private final Path folder;
  private final int ingress;
  private final int tenants;
  private Process process;

  private RelayProcess(String database, Path folder, int ingress, int tenants, Process process) {
    this.database = database;
    this.folder = folder;
    this.ingress = ingress;
    this.tenants = tenants;
    this.process = process;
  }

  /** The process: {@code DATABASE FOLDER INGRESS-PORT TENANTS-PORT}. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    int ingress = Integer.parseInt(args[2]);
    int tenants = Integer.parseInt(args[3]);
    // A forge is one address, and here all deliveries are one source's.
    var much = new Limits.Rate(100_000, 100_000);
    Relay relay =
        Relay.start(
            new RelaySettings(
                args[0],
                at(ingress),
                at(tenants),
                at(0),
                "http://127.0.0.1:" + ingress,
                Ranges.of(List.of()),
                Limits.DEFAULT.perSource(much).perAddress(much),
                new Allowance(100_000, 1L << 30, Duration.ofDays(1), Duration.ofSeconds(2))),
            InstantSource.system());
    String invitation = "";
    if (relay.store().tenants().list().isEmpty()) {
      invitation =
          new Invitation("http://127.0.0.1:" + tenants, relay.store().tenants().add("acme").token())
              .line();
    }
    Path ready = Files.writeString(folder.resolve("ready.new"), invitation);
    Files.move(ready, folder.resolve("ready"), StandardCopyOption.ATOMIC_MOVE);
    while (System.in.read() >= 0) {
      // Nothing is said here; it ends with whoever started it.
    }
    relay.close();
  }

  private static Listening at(int port) {
    return Listening.at(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Optional.empty());
  }

  /**
   * Starts one.
   *
   * @param database a file, or {@code postgresql:} and where
   */
  static RelayProcess start(String database, Path folder) throws Exception {
    Files.createDirectories(folder);
    int ingress = free();
    int tenants = free();
    return new RelayProcess(
        database, folder, ingress, tenants, begin(database, folder, ingress, tenants));
  }

  private static int free() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Process begin(String database, Path folder, int ingress, int tenants)
      throws Exception {
    Path ready = folder.resolve("ready");
    Files.deleteIfExists(ready);
    Process begun =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                RelayProcess.class.getName(),
                database,
                folder.toString(),
                Integer.toString(ingress),
                Integer.toString(tenants))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log(folder).toFile()))
            .start();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!Files.exists(ready)) {
      if (System.nanoTime() > end || begun.waitFor(20, TimeUnit.MILLISECONDS)) {
        begun.destroyForcibly();
        throw new AssertionError("the relay did not start: " + Files.readString(log(folder)));
      }
    }
    return begun;
  }

  private static Path log(Path folder) {
    return folder.resolve("log");
  }

  Path log() {
    return log(folder);
  }

  /** What it handed out when it was started for the first time. */
  String invitation() throws IOException {
    return Files.readString(folder.resolve("ready"));
  }

  int tenantsPort() {
    return tenants;
  }

  long pid() {
    return process.pid();
  }

  void kill9() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Starts it again, after {@link #kill9}. */
  void again() throws Exception {
    process = begin(database, folder, ingress, tenants);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

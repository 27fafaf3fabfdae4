package dev.holdfast.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Debian's PostgreSQL with a data folder and a port of its own, on loopback. It refuses to be root,
 * so where the test is, it runs as the user {@code postgres}.
 */
final class Postgres implements AutoCloseable {
  private final Path bin;
  private final Path folder;
  private final int port;

  private Postgres(Path bin, Path folder, int port) {
    this.bin = bin;
    this.folder = folder;
    this.port = port;
  }

  static Postgres start() throws Exception {
    Path bin;
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      bin = versions.max(Comparator.naturalOrder()).orElseThrow().resolve("bin");
    }
    // Below /tmp itself: a test's own folder is closed to the user postgres.
    Path folder = Files.createTempDirectory("holdfast-e2e-pg");
    if (root()) {
      Dist.finish(Path.of("/"), Map.of(), List.of("chown", "postgres", folder.toString())).ok();
    }
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    var postgres = new Postgres(bin, folder, port);
    postgres.as("initdb", "-D", postgres.data(), "-A", "trust", "-U", "holdfast", "--no-sync");
    postgres.as(
        "pg_ctl",
        "-D",
        postgres.data(),
        "-w",
        "-l",
        folder.resolve("log").toString(),
        "-o",
        "-p " + port + " -k " + folder + " -c listen_addresses=127.0.0.1",
        "start");
    postgres.as("createdb", "-h", "127.0.0.1", "-p", "" + port, "-U", "holdfast", "relay");
    return postgres;
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  int port() {
    return port;
  }

  /** Everything that it wrote: tables, the journal, its log. */
  Path files() {
    return folder;
  }

  /** Has everything that it holds in memory written to its files. */
  void checkpoint() {
    as("psql", "-h", "127.0.0.1", "-p", "" + port, "-U", "holdfast", "relay", "-c", "CHECKPOINT");
  }

  private static boolean root() {
    return "root".equals(System.getProperty("user.name"));
  }

  private void as(String program, String... arguments) {
    var command = new ArrayList<String>();
    if (root()) {
      command.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    command.add(bin.resolve(program).toString());
    command.addAll(List.of(arguments));
    Dist.finish(Path.of("/"), Map.of(), command).ok();
  }

  @Override
  public void close() throws IOException {
    as("pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop");
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}

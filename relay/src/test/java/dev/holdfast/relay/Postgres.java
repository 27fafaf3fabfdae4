package dev.holdfast.relay;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/**
 * Debian's PostgreSQL with a data folder, a port and a socket of its own, on loopback. It refuses
 * to be root, so where the test is, it runs as the user {@code postgres}.
 */
@NullMarked
public final class Postgres implements AutoCloseable {
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private final Path bin;
  private final Path folder;
  private final int port;

  private Postgres(Path bin, Path folder, int port) {
    this.bin = bin;
    this.folder = folder;
    this.port = port;
  }

  public static Postgres start() throws Exception {
    Path bin;
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      bin = versions.max(Comparator.naturalOrder()).orElseThrow().resolve("bin");
    }
    Path folder = Files.createTempDirectory("holdfast-pg");
    if (root()) {
      run(List.of("chown", "postgres", folder.toString()));
    }
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    var postgres = new Postgres(bin, folder, port);
    postgres.as("initdb", "-D", postgres.data(), "-A", "trust", "-U", "holdfast", "--no-sync");
    postgres.up();
    return postgres;
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  private void up() throws Exception {
    as(
        "pg_ctl",
        "-D",
        data(),
        "-w",
        "-l",
        folder.resolve("log").toString(),
        "-o",
        "-p " + port + " -k " + folder + " -c listen_addresses=127.0.0.1 -c max_connections=60",
        "start");
  }

  /** All bytes that it wrote: tables, and the journal that replicas would be sent. */
  public Path files() {
    return folder;
  }

  private String url(String database) {
    return "postgresql://127.0.0.1:" + port + "/" + database + "?user=holdfast";
  }

  /** An empty one; its URL. */
  public String newDatabase() {
    String name = "relay" + DATABASES.incrementAndGet();
    update("CREATE DATABASE " + name);
    return url(name);
  }

  public void endConnections(String database) {
    update(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
            + database.replaceFirst(".*/", "").replaceFirst("[?].*", "")
            + "'");
  }

  private void update(String sql) {
    try (Connection connection = DriverManager.getConnection("jdbc:" + url("postgres"));
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean root() {
    return "root".equals(System.getProperty("user.name"));
  }

  private void as(String program, String... arguments) throws Exception {
    var command = new ArrayList<String>();
    if (root()) {
      command.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    command.add(bin.resolve(program).toString());
    command.addAll(List.of(arguments));
    run(command);
  }

  private static void run(List<String> command) throws Exception {
    // Its output goes to a file: the server inherits it, and would keep a pipe open.
    Path out = Files.createTempFile("holdfast-pg", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(Path.of("/").toFile())
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException(command + " failed: " + Files.readString(out));
      }
    } finally {
      Files.delete(out);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      as("pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop");
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}

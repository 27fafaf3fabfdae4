package dev.holdfast.bench.installation;

import dev.holdfast.bench.host.Child;
import dev.holdfast.bench.host.Dist;
import dev.holdfast.bench.host.Programs;
import dev.holdfast.bench.http.Address;
import dev.holdfast.bench.http.Connection;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A server on data of its own, at a port of loopback that was free. */
public final class Server implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Dist dist;
  private final Path folder;
  private final Path data;
  private final Child process;
  private final String url;
  private final double startMillis;

  private Server(Dist dist, Path folder, Path data, Child process)
      throws IOException, InterruptedException {
    this.dist = dist;
    this.folder = folder;
    this.data = data;
    this.process = process;
    this.url = awaitAnnounced();
    awaitReady();
    this.startMillis = Programs.millisSince(process.startedNanos());
  }

  /**
   * Starts one; it is ready when this returns.
   *
   * @param folder of its own; data and output go there
   */
  public static Server start(Dist dist, Path folder) throws IOException, InterruptedException {
    return start(dist, folder, List.of());
  }

  /** As {@link #start(Dist, Path)}, with more options. */
  public static Server start(Dist dist, Path folder, List<String> options)
      throws IOException, InterruptedException {
    Path data = Files.createDirectories(folder.resolve("data"));
    Files.deleteIfExists(data.resolve("server.json"));
    var command =
        new ArrayList<>(List.of("server", "--data", data.toString(), "--listen", "127.0.0.1:0"));
    command.addAll(options);
    Child process =
        Child.start(
            "the server",
            dist.command(command.toArray(String[]::new)),
            Programs.environment(folder),
            folder.resolve("server.log"));
    try {
      return new Server(dist, folder, data, process);
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  /** The kernel tells when {@code server.json} is there, so that looking for it costs nothing. */
  private String awaitAnnounced() throws IOException, InterruptedException {
    Path file = data.resolve("server.json");
    try (WatchService watch = data.getFileSystem().newWatchService()) {
      data.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      long end = process.startedNanos() + PATIENCE_NANOS;
      while (!Files.exists(file)) {
        process.mustLive();
        if (System.nanoTime() > end) {
          throw new IOException("the server did not start in 30 s: " + process.lastWords());
        }
        WatchKey key = watch.poll(100, TimeUnit.MILLISECONDS);
        if (key != null) {
          key.pollEvents().clear();
          key.reset();
        }
      }
    }
    return Doc.of(Files.readAllBytes(file)).text("url");
  }

  private void awaitReady() throws IOException {
    long end = process.startedNanos() + PATIENCE_NANOS;
    while (!ready()) {
      process.mustLive();
      if (System.nanoTime() > end) {
        throw new IOException("the server is not ready after 30 s: " + process.lastWords());
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private boolean ready() throws IOException {
    try (Connection connection = Connection.open(address(), "")) {
      return connection.get("/readyz").status() == 200;
    } catch (ConnectException e) {
      return false;
    }
  }

  /** From its spawn to the first 200 of {@code /readyz}. */
  public double startMillis() {
    return startMillis;
  }

  public String url() {
    return url;
  }

  public Address address() {
    return Address.of(url);
  }

  public Child process() {
    return process;
  }

  public Dist dist() {
    return dist;
  }

  public Path folder() {
    return folder;
  }

  /** The environment in which {@code holdfast} finds this server. */
  public Map<String, String> client() {
    Map<String, String> all = Programs.environment(folder);
    all.put("HOLDFAST_DATA", data.toString());
    return all;
  }

  /** A connection that may do everything. */
  public Api connect() throws IOException {
    String token = Files.readString(data.resolve("admin-token")).strip();
    return new Api(Connection.open(address(), token));
  }

  /** Has {@code repository} run by this server. */
  public void add(String name, SourceRepository repository)
      throws IOException, InterruptedException {
    Programs.must(
        dist.command("repo", "add", repository.bare().toString(), "--name", name),
        client(),
        folder);
  }

  /** A new token for an agent that will be called {@code name}. */
  public String agentToken(String name) throws IOException {
    try (Api api = connect()) {
      var fields = new LinkedHashMap<String, Json>();
      fields.put("name", new Json.Str(name));
      return api.post("/api/v1/agent-tokens", JsonText.utf8(new Json.Obj(fields))).text("token");
    }
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}

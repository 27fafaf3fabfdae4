package dev.holdfast.e2e;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A server with its data, and the agents that a test gives it. Ends what it started. */
final class Installation implements AutoCloseable {
  private final Path folder;
  private final Path data;
  private final List<String> more;
  private final List<Running> agents = new ArrayList<>();
  private Running server;
  private Api api;

  /** For a run, or what leads to it. */
  private Duration patience = Duration.ofMinutes(3);

  private Installation(Path folder, Path data, List<String> more)
      throws InterruptedException, IOException {
    this.more = more;
    this.folder = folder;
    this.data = data;
    this.server = startServer();
    this.api = connect();
  }

  static Installation start(Path folder) throws InterruptedException, IOException {
    return start(folder, folder.resolve("server"));
  }

  static Installation start(Path folder, Path data) throws InterruptedException, IOException {
    return start(folder, data, List.of());
  }

  /**
   * As {@link #start(Path, Path)}.
   *
   * @param more arguments for the server
   */
  static Installation start(Path folder, Path data, List<String> more)
      throws InterruptedException, IOException {
    Files.createDirectories(data);
    return new Installation(folder, data, more);
  }

  /** Any free one, and from then on the same: agents come back to where they were. */
  private int port;

  private Running startServer() throws InterruptedException, IOException {
    Files.deleteIfExists(data.resolve("server.json"));
    var arguments =
        new ArrayList<>(
            List.of(
                "server",
                "--data",
                data.toString(),
                "--listen",
                "127.0.0.1:" + port,
                "--lease",
                "4s"));
    arguments.addAll(more);
    Running started = Running.start(folder, Map.of(), arguments.toArray(String[]::new));
    started.awaitLine(line -> line.contains("ready"));
    return started;
  }

  private Api connect() throws IOException {
    Json said = JsonText.parse(Files.readAllBytes(data.resolve("server.json")));
    String token = Files.readString(data.resolve("admin-token")).strip();
    URI url = URI.create(Api.string(said, "url"));
    port = url.getPort();
    return new Api(url, token);
  }

  Api api() {
    return api;
  }

  Path data() {
    return data;
  }

  Running server() {
    return server;
  }

  /** Those that were started, the first first. */
  List<Running> agents() {
    return List.copyOf(agents);
  }

  void restartServer() throws InterruptedException, IOException {
    server = startServer();
    api = connect();
  }

  /** The environment in which {@code holdfast} finds this server. */
  Map<String, String> client() {
    return Map.of("HOLDFAST_DATA", data.toString());
  }

  Dist.Finished cli(String... arguments) {
    return Dist.run(folder, client(), List.of(arguments));
  }

  Running startAgent(String name, Backend backend, int capacity) throws InterruptedException {
    String created = cli("agent", "token", "create", name, "--json").ok().out();
    Path token = folder.resolve(name + ".token");
    try {
      Files.writeString(token, Api.string(JsonText.parse(created), "token"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    var arguments =
        new ArrayList<>(
            List.of(
                "agent",
                "--server",
                api.base().toString(),
                "--token-file",
                token.toString(),
                "--name",
                name,
                "--data",
                agentData(name).toString(),
                "--capacity",
                Integer.toString(capacity),
                "--label",
                "linux"));
    arguments.addAll(backend.prepare(this, name));
    patience = backend.patience();
    Running agent = Running.start(folder, backend.env(), arguments.toArray(String[]::new));
    agents.add(agent);
    agent.awaitLine(line -> line.contains("registered"), backend.startup());
    return agent;
  }

  Path agentData(String name) {
    return folder.resolve(name).resolve("agent");
  }

  void addRepository(String name, TestRepository repository) {
    cli("repo", "add", repository.bare().toString(), "--name", name).ok();
  }

  /** Waits until there are {@code count} runs of {@code repository} and all are over. */
  List<Json> awaitRuns(String repository, int count) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < deadline) {
      List<Json> runs =
          Api.list(api.get("/api/v1/runs?limit=200&repository=" + repository).json(), "runs");
      if (runs.size() >= count) {
        var whole = new ArrayList<Json>();
        for (Json run : runs) {
          whole.add(awaitRun(Api.string(run, "id")));
        }
        return whole;
      }
      Thread.sleep(20); // bounded poll of another process
    }
    throw new AssertionError(
        "no " + count + " runs of " + repository + "; the server printed " + server.lines());
  }

  /** Waits until there are exactly {@code count} runs, in any state, and nothing in the inbox. */
  List<Json> awaitQueued(String repository, int count) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (System.nanoTime() < deadline) {
      List<Json> runs = allRuns(repository);
      if (runs.size() >= count) {
        return runs;
      }
      Thread.sleep(20); // bounded poll of another process
    }
    throw new AssertionError(
        "only "
            + allRuns(repository).size()
            + " of "
            + count
            + " runs; the server printed "
            + server.lines());
  }

  /** All runs of a repository, newest first. */
  List<Json> allRuns(String repository) {
    return all("/api/v1/runs?repository=" + repository, "runs");
  }

  /** The whole inbox of a repository. */
  List<Json> allEvents(String repository) {
    return all("/api/v1/repositories/" + repository + "/events?", "events");
  }

  private List<Json> all(String path, String field) {
    var all = new ArrayList<Json>();
    String before = "";
    while (true) {
      List<Json> page = Api.list(api.get(path + "&limit=200" + before).json(), field);
      if (page.isEmpty()) {
        return all;
      }
      all.addAll(page);
      before = "&before=" + Api.string(page.getLast(), "id");
    }
  }

  /** Waits until it stands so with the relay. */
  void awaitRelay(String state) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    String said = "";
    while (System.nanoTime() < deadline) {
      said = api.get("/api/v1/relay").text();
      if (said.contains("\"state\":\"" + state + "\"")) {
        return;
      }
      Thread.sleep(20); // bounded poll of another process
    }
    throw new AssertionError("the relay is not " + state + ": " + said + "; " + server.lines());
  }

  /** Waits for a line of the server or of an agent that holds one of these words. */
  void awaitServerSays(String... words) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (System.nanoTime() < deadline) {
      var lines = new ArrayList<>(server.lines());
      agents.forEach(agent -> lines.addAll(agent.lines()));
      if (lines.stream().anyMatch(l -> java.util.Arrays.stream(words).anyMatch(l::contains))) {
        return;
      }
      Thread.sleep(20); // bounded poll of another process
    }
    throw new AssertionError("nobody said " + String.join(" or ", words) + ": " + server.lines());
  }

  /** The run once it is over. */
  Json awaitRun(String run) {
    long deadline = System.nanoTime() + patience.toNanos();
    Json said;
    do {
      said = api.get("/api/v1/runs/" + run + "/wait?timeout=30").json();
      if (List.of("succeeded", "failed", "cancelled").contains(Api.string(said, "state"))) {
        return said;
      }
    } while (System.nanoTime() < deadline);
    throw new AssertionError(
        "the run "
            + run
            + " is not over after "
            + patience
            + ": "
            + new Run(said).states()
            + "; the agents printed "
            + agents.stream().map(Running::lines).toList());
  }

  Json run(String id) {
    return api.get("/api/v1/runs/" + id).json();
  }

  byte[] log(String attempt) {
    return api.get("/api/v1/attempts/" + attempt + "/log").body();
  }

  @Override
  public void close() {
    agents.forEach(Running::close);
    server.close();
  }
}

package dev.holdfast.bench.installation;

import dev.holdfast.bench.host.Child;
import dev.holdfast.bench.host.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An agent of a {@link Server}, on data of its own. */
public final class AgentHost implements AutoCloseable {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** Between two looks at a list that the server keeps; the figures do not depend on it. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Child process;
  private final double startMillis;

  private AgentHost(Child process, double startMillis) {
    this.process = process;
    this.startMillis = startMillis;
  }

  /**
   * Starts one; it is registered when this returns.
   *
   * @param name no other agent of the server's may have had it
   * @param image for containers
   */
  public static AgentHost start(
      Server server, String name, Backend backend, String image, int capacity)
      throws IOException, InterruptedException {
    Path folder = server.folder();
    Path token = folder.resolve(name + ".token");
    Files.createFile(
        token, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(token, server.agentToken(name));
    var arguments = new ArrayList<String>();
    arguments.addAll(List.of("agent", "--server", server.url()));
    arguments.addAll(List.of("--token-file", token.toString(), "--name", name));
    arguments.addAll(List.of("--data", folder.resolve(name).toString()));
    arguments.addAll(List.of("--capacity", Integer.toString(capacity)));
    arguments.addAll(backend.arguments(image));
    Child process =
        Child.start(
            "the agent " + name,
            server.dist().command(arguments.toArray(String[]::new)),
            Programs.environment(folder),
            folder.resolve(name + ".log"));
    try (Api api = server.connect()) {
      Instant registered = awaitRegistered(api, name, process);
      double millis = Duration.between(process.started(), registered).toNanos() / 1e6;
      return new AgentHost(process, millis);
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  private static Instant awaitRegistered(Api api, String name, Child process)
      throws IOException, InterruptedException {
    long end = process.startedNanos() + PATIENCE_NANOS;
    while (true) {
      Optional<Instant> registered = registered(api, name);
      if (registered.isPresent()) {
        return registered.get();
      }
      process.mustLive();
      if (System.nanoTime() > end) {
        throw new IOException(
            "the agent " + name + " is not registered after 60 s: " + process.lastWords());
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private static Optional<Instant> registered(Api api, String name) throws IOException {
    for (Doc agent : api.get("/api/v1/agents").list("agents")) {
      if (agent.text("name").equals(name)) {
        return agent.time("registered");
      }
    }
    return Optional.empty();
  }

  /** From its spawn to the moment at which the server registered it, by the clock on the wall. */
  public double startMillis() {
    return startMillis;
  }

  public Child process() {
    return process;
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}

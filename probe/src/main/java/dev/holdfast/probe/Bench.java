package dev.holdfast.probe;

import dev.holdfast.agent.channel.Bounds;
import dev.holdfast.agent.checkout.Checkout;
import dev.holdfast.agent.job.ClassCache;
import dev.holdfast.agent.job.JobExecution;
import dev.holdfast.agent.job.JobNetworks;
import dev.holdfast.agent.job.Workshop;
import dev.holdfast.agent.policy.AgentPolicy;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.agent.sandbox.container.ContainerBackend;
import dev.holdfast.agent.sandbox.container.ImageRules;
import dev.holdfast.agent.sandbox.namespaces.NamespacesBackend;
import dev.holdfast.model.wire.agent.AgentApi.Backend;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Runs jobs on one backend, with and without parts of its wall. One thread at a time. */
final class Bench implements AutoCloseable {
  static final Bounds BOUNDS = new Bounds(16 * 1024 * 1024, 200, 200, 1024 * 1024);

  /** A little more than any attack sends. */
  static final Bounds WIDE = new Bounds(64 * 1024 * 1024, 200, 200, 1024 * 1024);

  private final Backend kind;
  private final Installation installation;
  private final Path data;
  private final JobDirectories directories;
  private final ClassCache classes;
  private final Map<Set<Protection>, SandboxBackend> backends = new HashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("probe-timer").factory());

  Bench(Backend kind, Installation installation) throws IOException {
    this.kind = kind;
    this.installation = installation;
    this.data =
        Files.createDirectories(
            installation.folder().resolve(kind == Backend.CONTAINER ? "c" : "n"));
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx--x--x"));
    this.directories = new JobDirectories(data);
    this.classes = new ClassCache(data, 40L << 20, Clock.systemUTC());
  }

  Backend kind() {
    return kind;
  }

  JobDirectories directories() {
    return directories;
  }

  /** A folder that is as an agent's own. */
  Path data() {
    return data;
  }

  Installation installation() {
    return installation;
  }

  /** Whether it can make sandboxes here. */
  Readiness check() throws IOException {
    return backend(Set.of()).check();
  }

  /** Makes sandboxes whose wall lacks {@code missing}. */
  SandboxBackend backend(Set<Protection> missing) throws IOException {
    SandboxBackend made = backends.get(missing);
    if (made == null) {
      made = make(Wall.without(missing));
      backends.put(missing, made);
    }
    return made;
  }

  private SandboxBackend make(Wall wall) throws IOException {
    return switch (kind) {
      case NAMESPACES -> new NamespacesBackend(data, true, Limiting.ENFORCED, wall);
      case CONTAINER ->
          new ContainerBackend(
              installation.engine(),
              String.valueOf(installation.folder().getFileName()),
              Optional.empty(),
              new ImageRules(installation.image(), Optional.empty(), data.resolve("images")),
              wall);
      default -> throw new IOException("the probe knows no backend " + kind);
    };
  }

  /** What the jobs of an attack share. */
  Workshop workshop(SandboxBackend backend, Checkout checkout, Limits limits, Bounds bounds) {
    return workshop(backend, JobNetworks.none(), checkout, limits, bounds);
  }

  Workshop workshop(
      SandboxBackend backend,
      JobNetworks networks,
      Checkout checkout,
      Limits limits,
      Bounds bounds) {
    return new Workshop(
        backend,
        AgentPolicy.standard(),
        networks,
        checkout,
        directories,
        installation.distribution(),
        classes,
        limits,
        bounds,
        new Workshop.Patience(
            Duration.ofSeconds(60),
            Duration.ofSeconds(12),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1)),
        Clock.systemUTC(),
        timer);
  }

  /** Runs a job to its end. */
  static Hearing run(Lease lease, Workshop workshop) throws InterruptedException {
    var hearing = new Hearing();
    new JobExecution(lease, workshop, hearing).run();
    return hearing;
  }

  /** Removes what sandboxes without a whole wall may have left. */
  void reconcile(Set<Protection> missing) throws IOException, InterruptedException {
    try {
      backend(missing).reconcile();
    } catch (SandboxUnavailable e) {
      throw new IOException("after an attack something stays on this host: " + e.getMessage(), e);
    }
    directories.removeAll();
  }

  @Override
  public void close() {
    timer.shutdownNow();
    backends.values().forEach(SandboxBackend::close);
  }
}

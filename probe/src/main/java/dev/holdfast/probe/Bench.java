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
import dev.holdfast.agent.sandbox.microvm.MicrovmBackend;
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
            installation
                .folder()
                .resolve(
                    switch (kind) {
                      case CONTAINER -> "c";
                      case MICROVM -> "m";
                      case NAMESPACES, PROCESS -> "n";
                    }));
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
    boolean machine = kind == Backend.MICROVM && !missing.contains(Protection.OWN_KERNEL);
    // Of a machine no other part can be taken away: the filter and the channel are not its own.
    Set<Protection> lacks = machine ? Set.of() : missing;
    SandboxBackend made = backends.get(lacks);
    if (made == null) {
      made = make(machine ? Backend.MICROVM : walled(), Wall.without(lacks));
      backends.put(lacks, made);
    }
    return made;
  }

  /** What a job is run in where it has no kernel of its own. */
  private Backend walled() {
    return kind == Backend.MICROVM ? Backend.NAMESPACES : kind;
  }

  private SandboxBackend make(Backend in, Wall wall) throws IOException {
    return switch (in) {
      case MICROVM -> {
        Installation.Machines machines =
            installation
                .machines()
                .orElseThrow(() ->
                    new IOException("there are no images of machines; see `holdfast image build`"));
        Path here = data.resolve("microvm");
        if (!Files.isSymbolicLink(here)) {
          Files.createSymbolicLink(here, machines.images().toAbsolutePath());
        }
        yield new MicrovmBackend(data, machines.settings(), Clock.systemUTC());
      }
      case NAMESPACES -> new NamespacesBackend(data, true, Limiting.ENFORCED, wall);
      case CONTAINER ->
          new ContainerBackend(
              installation.engine(),
              String.valueOf(installation.folder().getFileName()),
              Optional.empty(),
              new ImageRules(installation.image(), Optional.empty(), data.resolve("images")),
              wall);
      case PROCESS -> throw new IOException("the backend process has no wall to probe");
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
        patience(),
        Clock.systemUTC(),
        timer);
  }

  private Workshop.Patience patience() {
    boolean machine = kind == Backend.MICROVM;
    return new Workshop.Patience(
        machine ? Duration.ofMinutes(10) : Duration.ofSeconds(60),
        machine ? Duration.ofMinutes(3) : Duration.ofSeconds(12),
        Duration.ofSeconds(1),
        Duration.ofSeconds(1));
  }

  /** How long the other side may take to come up. */
  Duration comingUp() {
    return kind == Backend.MICROVM ? Duration.ofMinutes(4) : Duration.ofSeconds(30);
  }

  /** How long to listen to a runner that was believed. */
  Duration listening() {
    return kind == Backend.MICROVM ? Duration.ofSeconds(20) : Duration.ofSeconds(4);
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

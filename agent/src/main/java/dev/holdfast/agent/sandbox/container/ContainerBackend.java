package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Info;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.Reused;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.model.wire.agent.AgentApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Sandboxes that are containers: no capabilities, no new privileges, few system calls, a read-only
 * root, namespaces and limits of their own. Through Docker's API, which Podman also speaks.
 *
 * <p>The engine must be on this host, since it is given directories of it.
 */
public final class ContainerBackend implements SandboxBackend {
  static final String AGENT_LABEL = "dev.holdfast.agent";
  static final String ATTEMPT_LABEL = "dev.holdfast.attempt";
  static final String SERVICE_LABEL = "dev.holdfast.service";

  /** In a container of an agent that is root; holds no right on the host. */
  private static final HostUser JOB = new HostUser(1000, 1000);

  private final String address;
  private final String agent;
  private final Wall wall;
  private final Optional<String> runtime;
  private final Reused reused;
  private final ContainerWall host;
  private final HostUser self = HostUser.self();
  private final HostUser user = self.isRoot() ? JOB : self;
  private final DockerClient docker;
  private final Images images;
  private final ServicePlans plans;

  /**
   * @param engine its address, as in {@code DOCKER_HOST}; where absent, that variable or a usual
   *     place
   * @param agent a name of the agent that stays the same over its restarts, and is no other agent's
   * @param runtime of the engine's list, as {@code runsc}; where absent, the engine's own choice
   * @param images who may use which
   * @param wall whole, but in controls of the probe and in tests
   */
  public ContainerBackend(
      Optional<String> engine,
      String agent,
      Optional<String> runtime,
      ImageRules images,
      Wall wall) {
    this.address = Engine.address(engine, System.getenv("DOCKER_HOST"));
    this.agent = agent;
    this.runtime = runtime;
    this.wall = wall;
    this.reused = new Reused(agent);
    this.host = new ContainerWall(wall, runtime, reused);
    this.docker = Engine.client(address);
    this.images = new Images(docker, images);
    this.plans =
        new ServicePlans(
            this.images, new ServiceUsers(docker, Map.of(AGENT_LABEL, agent)), runtime);
  }

  @Override
  public AgentApi.Backend kind() {
    return AgentApi.Backend.CONTAINER;
  }

  @Override
  public Readiness check() {
    if (!address.startsWith("unix://")) {
      return new Readiness.Unusable(
          "the container engine is at " + address + ", which may be another host",
          "let it listen on a unix socket of this host, and set DOCKER_HOST to that");
    }
    try {
      var version = docker.versionCmd().exec();
      Info info = docker.infoCmd().exec();
      Optional<Readiness.Unusable> weak = EngineChecks.weakness(address, info, runtime);
      if (weak.isPresent()) {
        return weak.get();
      }
      return new Readiness.Usable(
          "engine "
              + version.getVersion()
              + ", API "
              + version.getApiVersion()
              + ", at "
              + address
              + runtime.map(name -> ", runtime " + name).orElse(""));
    } catch (RuntimeException e) {
      return new Readiness.Unusable(
          "no container engine answers at " + address + ": " + Failures.line(e),
          "start Docker or Podman's service, set DOCKER_HOST to its socket, and let this user use it");
    }
  }

  @Override
  public Sandbox create(SandboxSpec spec)
      throws SandboxUnavailable, SandboxRefused, InterruptedException {
    BroughtImages.Hold hold = images.hold();
    boolean made = false;
    try {
      Sandbox sandbox = create(spec, hold);
      made = true;
      return sandbox;
    } finally {
      if (!made) {
        hold.close();
      }
      images.trim();
    }
  }

  private Sandbox create(SandboxSpec spec, BroughtImages.Hold hold)
      throws SandboxUnavailable, SandboxRefused, InterruptedException {
    Images.Image image;
    List<Services.Planned> planned;
    try {
      image = images.find(spec.repository(), spec.image(), spec.pinned(), hold);
      planned = plans.of(spec, user, hold);
    } catch (RuntimeException e) {
      throw unavailable("cannot look for images", e);
    }
    HostUser user = user(spec);
    Optional<String> volume = Optional.empty();
    try {
      writeResolver(spec);
      String filter =
          Engine.filter(docker, SystemCalls.profile(), spec.directory().resolve("seccomp.json"));
      volume = WorkspaceVolume.make(docker, spec.directory(), labels(spec));
      String id = container(spec, user, image, host.of(spec, user, filter, volume));
      var beside = new ContainerWall.Beside(host, filter);
      return new ContainerSandbox(
          docker,
          new ContainerSandbox.Made(id, volume, self.isRoot()),
          spec,
          user,
          image,
          new Services(docker, beside, spec, labels(spec), planned, hold),
          wall.has(Protection.END_PROCESSES),
          wall.has(Protection.FRESH_FILES) ? Optional.empty() : Optional.of(reused));
    } catch (IOException e) {
      throw new SandboxUnavailable(
          "cannot prepare a container in " + spec.directory() + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      SandboxUnavailable failure = unavailable("cannot create a container", e);
      if (volume.isPresent()) {
        removeAfter(failure, volume.get());
      }
      throw failure;
    }
  }

  private void removeAfter(SandboxUnavailable failure, String volume) {
    try {
      WorkspaceVolume.remove(docker, volume);
    } catch (SandboxUnavailable | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private String container(SandboxSpec spec, HostUser user, Images.Image image, HostConfig config) {
    return docker
        .createContainerCmd(image.id())
        .withHostName("job")
        .withUser(user.uid() + ":" + user.gid())
        .withWorkingDir("/")
        .withLabels(labels(spec))
        .withTty(false)
        .withStdinOpen(false)
        .withEntrypoint(host.command(spec))
        .withCmd(List.of())
        .withEnv(environment(spec, image))
        .withHostConfig(config)
        .exec()
        .getId();
  }

  private static void writeResolver(SandboxSpec spec) throws IOException {
    if (spec.nameserver().isPresent()) {
      Path file = ContainerWall.resolver(spec);
      Files.writeString(file, "nameserver " + spec.nameserver().get() + "\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
  }

  @Override
  public OptionalLong workspaceDisk(Limits limits) {
    // By a unix socket, so the engine runs on this kernel and knows its block devices.
    return self.isRoot() && wall.has(Protection.LIMIT_DISK) && address.startsWith("unix://")
        ? OptionalLong.of(limits.disk())
        : OptionalLong.empty();
  }

  private HostUser user(SandboxSpec spec) throws SandboxRefused {
    if (!spec.root()) {
      return wall.has(Protection.OWN_USER) ? user : self;
    }
    if (!self.isRoot()) {
      throw new SandboxRefused(
          "the job asks to be root, and this agent is not, so that the job's files could never be"
              + " removed; remove root from the job, or run it on an agent that is root");
    }
    return self;
  }

  /** What is given, and a name without a value for all that image or engine would add. */
  private List<String> environment(SandboxSpec spec, Images.Image image) {
    var all = new ArrayList<String>();
    if (!wall.has(Protection.CLEAN_ENVIRONMENT)) {
      System.getenv().forEach((name, value) -> all.add(name + "=" + value));
    }
    spec.environment().forEach((name, value) -> all.add(name + "=" + value));
    Stream.concat(image.environment().keySet().stream(), Stream.of("HOSTNAME"))
        .filter(name -> !spec.environment().containsKey(name))
        .forEach(all::add);
    return all;
  }

  private Map<String, String> labels(SandboxSpec spec) {
    return Map.of(AGENT_LABEL, agent, ATTEMPT_LABEL, spec.attempt());
  }

  @Override
  public List<String> labelled(String attempt) throws SandboxUnavailable {
    try {
      Map<String, String> labels = Map.of(AGENT_LABEL, agent, ATTEMPT_LABEL, attempt);
      var found = new ArrayList<String>();
      docker
          .listContainersCmd()
          .withShowAll(true)
          .withLabelFilter(labels)
          .exec()
          .forEach(container -> found.add("container " + container.getId()));
      var volumes =
          docker
              .listVolumesCmd()
              .withFilter(
                  "label",
                  labels.entrySet().stream().map(l -> l.getKey() + "=" + l.getValue()).toList())
              .exec()
              .getVolumes();
      if (volumes != null) {
        volumes.forEach(volume -> found.add("volume " + volume.getName()));
      }
      return found;
    } catch (RuntimeException e) {
      throw unavailable("cannot look for what is left of " + attempt, e);
    }
  }

  @Override
  public void reconcile() throws SandboxUnavailable {
    try {
      Map<String, String> ours = Map.of(AGENT_LABEL, agent);
      var left = docker.listContainersCmd().withShowAll(true).withLabelFilter(ours).exec();
      for (var container : left) {
        ContainerSandbox.remove(docker, container.getId());
      }
      WorkspaceVolume.removeAll(docker, AGENT_LABEL + "=" + agent);
      images.trim();
    } catch (NotFoundException e) {
      throw unavailable(
          "something else removes this agent's containers or volumes at the same time", e);
    } catch (RuntimeException e) {
      throw unavailable("cannot remove containers and volumes that an earlier agent left", e);
    }
  }

  private SandboxUnavailable unavailable(String what, RuntimeException e) {
    return new SandboxUnavailable(
        what + " with the engine at " + address + ": " + Failures.line(e), e);
  }

  @Override
  public void close() {
    if (!wall.has(Protection.FRESH_FILES)) {
      reused.remove();
    }
    try {
      docker.close();
    } catch (IOException e) {
      // Connections that do not close end with this process.
      return;
    }
  }
}

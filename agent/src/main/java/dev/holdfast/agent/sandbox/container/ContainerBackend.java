package dev.holdfast.agent.sandbox.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.api.model.Volume;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxPaths;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.model.wire.agent.AgentApi;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Sandboxes that are containers: no capabilities, no new privileges, the engine's seccomp profile,
 * a read-only root, namespaces and limits of their own. Through Docker's API, which Podman also
 * speaks.
 *
 * <p>The engine must be on this host, since it is given directories of it.
 */
public final class ContainerBackend implements SandboxBackend {
  static final String AGENT_LABEL = "dev.holdfast.agent";
  static final String ATTEMPT_LABEL = "dev.holdfast.attempt";

  /** In a container of an agent that is root; holds no right on the host. */
  private static final HostUser JOB = new HostUser(1000, 1000);

  /** The kernel's usual period for cpu quotas, in microseconds. */
  private static final long PERIOD = 100_000;

  private final String address;
  private final String agent;
  private final JobNetwork network;
  private final Wall wall;
  private final HostUser self = HostUser.self();
  private final HostUser user = self.isRoot() ? JOB : self;
  private final DockerClient docker;
  private final Images images;

  /**
   * @param engine its address, as in {@code DOCKER_HOST}; where absent, that variable or a usual
   *     place
   * @param agent a name of the agent that stays the same over its restarts, and is no other agent's
   * @param image for jobs that name none
   * @param wall whole, but in controls of the probe and in tests
   */
  public ContainerBackend(
      Optional<String> engine,
      String agent,
      Optional<String> image,
      JobNetwork network,
      Wall wall) {
    this.address = Engine.address(engine, System.getenv("DOCKER_HOST"));
    this.agent = agent;
    this.network = network;
    this.wall = wall;
    this.docker = Engine.client(address);
    this.images = new Images(docker, image);
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
      List<String> security = docker.infoCmd().exec().getSecurityOptions();
      for (String option : security == null ? List.<String>of() : security) {
        if (option.contains("name=rootless") || option.contains("name=userns")) {
          return new Readiness.Unusable(
              "the engine at "
                  + address
                  + " maps the users of containers to others of the host ("
                  + option
                  + "), and jobs could not use their workspace",
              "use an engine without it for now, or the backend namespaces");
        }
      }
      return new Readiness.Usable(
          "engine "
              + version.getVersion()
              + ", API "
              + version.getApiVersion()
              + ", at "
              + address);
    } catch (RuntimeException e) {
      return new Readiness.Unusable(
          "no container engine answers at " + address + ": " + Failures.line(e),
          "start Docker or Podman's service, set DOCKER_HOST to its socket, and let this user use it");
    }
  }

  @Override
  public Sandbox create(SandboxSpec spec)
      throws SandboxUnavailable, SandboxRefused, InterruptedException {
    Images.Image image;
    try {
      image = images.find(spec.image());
    } catch (RuntimeException e) {
      throw unavailable("cannot look for images", e);
    }
    Optional<String> bridge = Optional.empty();
    try {
      bridge = network == JobNetwork.OWN ? Optional.of(Bridge.make(docker, labels(spec))) : bridge;
      String id =
          docker
              .createContainerCmd(image.id())
              .withHostName("job")
              .withUser(user.uid() + ":" + user.gid())
              .withWorkingDir("/")
              .withLabels(labels(spec))
              .withTty(false)
              .withStdinOpen(false)
              .withEntrypoint(spec.command())
              .withCmd(List.of())
              .withEnv(environment(spec, image))
              .withHostConfig(host(spec, bridge.orElse("none")))
              .exec()
              .getId();
      return new ContainerSandbox(
          docker, id, bridge, spec, user, image.environment(), self.isRoot());
    } catch (RuntimeException e) {
      if (bridge.isPresent()) {
        Bridge.remove(docker, bridge.get());
      }
      throw unavailable("cannot create a container", e);
    }
  }

  /** What is given, and a name without a value for all that image or engine would add. */
  private static List<String> environment(SandboxSpec spec, Images.Image image) {
    var all = new ArrayList<String>();
    spec.environment().forEach((name, value) -> all.add(name + "=" + value));
    Stream.concat(image.environment().keySet().stream(), Stream.of("HOSTNAME"))
        .filter(name -> !spec.environment().containsKey(name))
        .forEach(all::add);
    return all;
  }

  private Map<String, String> labels(SandboxSpec spec) {
    return Map.of(AGENT_LABEL, agent, ATTEMPT_LABEL, spec.attempt());
  }

  private HostConfig host(SandboxSpec spec, String networkMode) {
    Limits limits = spec.limits();
    String owner = ",uid=" + user.uid() + ",gid=" + user.gid();
    String scratch = "rw,exec,nosuid,nodev,size=" + limits.scratch();
    return HostConfig.newHostConfig()
        .withCapDrop(Capability.ALL)
        .withSecurityOpts(List.of("no-new-privileges"))
        .withPrivileged(false)
        .withReadonlyRootfs(wall.has(Protection.READ_ONLY_SYSTEM))
        .withTmpFs(
            Map.of(
                "/tmp",
                scratch + ",mode=1777",
                "/run",
                "rw,exec,nosuid,nodev,size=16777216,mode=755" + owner,
                SandboxPaths.HOME,
                scratch + ",mode=755" + owner))
        .withBinds(
            bind(spec.workspace(), SandboxPaths.WORKSPACE, AccessMode.rw),
            bind(spec.channel(), SandboxPaths.CHANNEL, AccessMode.ro),
            bind(spec.distribution(), SandboxPaths.DISTRIBUTION, AccessMode.ro))
        .withNetworkMode(networkMode)
        .withIpcMode("private")
        .withCgroupnsMode("private")
        .withMemory(limits.memory())
        .withMemorySwap(limits.memory())
        .withShmSize(limits.scratch())
        .withPidsLimit((long) limits.pids())
        .withCpuPeriod(PERIOD)
        .withCpuQuota(PERIOD * limits.cpus() / 1000)
        .withInit(true)
        .withLogConfig(new LogConfig(LogConfig.LoggingType.NONE))
        .withRestartPolicy(RestartPolicy.noRestart())
        .withAutoRemove(false);
  }

  private static Bind bind(Path host, String inside, AccessMode mode) {
    return new Bind(host.toAbsolutePath().toString(), new Volume(inside), mode);
  }

  @Override
  public void reconcile() throws SandboxUnavailable {
    try {
      Map<String, String> ours = Map.of(AGENT_LABEL, agent);
      var left = docker.listContainersCmd().withShowAll(true).withLabelFilter(ours).exec();
      for (var container : left) {
        ContainerSandbox.remove(docker, container.getId());
      }
      for (var bridge :
          docker.listNetworksCmd().withFilter("label", List.of(AGENT_LABEL + "=" + agent)).exec()) {
        Bridge.remove(docker, bridge.getId());
      }
    } catch (NotFoundException e) {
      throw unavailable("something else removes this agent's containers at the same time", e);
    } catch (RuntimeException e) {
      throw unavailable("cannot remove containers that an earlier agent left", e);
    }
  }

  private SandboxUnavailable unavailable(String what, RuntimeException e) {
    return new SandboxUnavailable(
        what + " with the engine at " + address + ": " + Failures.line(e), e);
  }

  @Override
  public void close() {
    try {
      docker.close();
    } catch (IOException e) {
      // Connections that do not close end with this process.
      return;
    }
  }
}

package dev.holdfast.agent.sandbox.container;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.api.model.SELContext;
import com.github.dockerjava.api.model.Ulimit;
import com.github.dockerjava.api.model.Volume;
import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Reused;
import dev.holdfast.agent.sandbox.SandboxPaths;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.Wall;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that the engine is told to keep a container in, in one place. Built from nothing but the
 * specification and this file: no mount, device, namespace or privilege of the host has a way in.
 *
 * @param runtime of the engine's list; where absent, the engine's own choice
 * @param reused for controls without fresh files
 */
record ContainerWall(Wall wall, Optional<String> runtime, Reused reused) {
  /**
   * What a job that asked to be root keeps: enough for a package manager, on files and users of its
   * own container. Any other job has no capability at all.
   */
  static final List<Capability> ROOT_KEEPS =
      List.of(
          Capability.CHOWN,
          Capability.DAC_OVERRIDE,
          Capability.FOWNER,
          Capability.SETGID,
          Capability.SETUID);

  /** By which a container reaches its host; only for controls. */
  private static final List<Capability> MIGHTY =
      List.of(
          Capability.DAC_READ_SEARCH,
          Capability.NET_ADMIN,
          Capability.SYS_ADMIN,
          Capability.SYS_PTRACE,
          Capability.SYSLOG);

  /** Read as empty. The engines' own lists, and what else tells of the host or its kernel. */
  static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/config.gz",
          "/proc/interrupts",
          "/proc/kallsyms",
          "/proc/kcore",
          "/proc/key-users",
          "/proc/keys",
          "/proc/kmsg",
          "/proc/latency_stats",
          "/proc/modules",
          "/proc/pagetypeinfo",
          "/proc/sched_debug",
          "/proc/scsi",
          "/proc/slabinfo",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/vmallocinfo",
          "/sys/devices/virtual/powercap",
          "/sys/firmware",
          "/sys/fs/bpf",
          "/sys/kernel/debug",
          "/sys/kernel/security",
          "/sys/kernel/tracing");

  static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  /** Enough for a build tool that opens every file of a tree; below what hosts usually allow. */
  static final long OPEN_FILES = 16_384;

  /** Of one file, in bytes: larger than any build's, so that one runaway cannot fill the host. */
  private static final long LARGEST_FILE = 64L * 1024 * 1024 * 1024;

  private static final String IN_MEMORY = "rw,exec,nosuid,nodev";

  /**
   * The wall of containers beside a job's.
   *
   * @param filter of system calls, as the engine is given one
   */
  record Beside(ContainerWall wall, String filter) {
    HostConfig of(SandboxSpec spec, HostUser user, String job, List<String> volumes) {
      return wall.service(spec, user, filter, job, volumes);
    }
  }

  /** The kernel's usual period for cpu quotas, in microseconds. */
  private static final long PERIOD = 100_000;

  /**
   * For the job's own container.
   *
   * @param filter of system calls, as the engine is given one
   * @param volume of the engine that is the workspace; where absent, the workspace's directory is
   */
  HostConfig of(SandboxSpec spec, HostUser user, String filter, Optional<String> volume)
      throws IOException {
    Limits limits = spec.limits().beside(spec.services().size());
    return host(limits, user, filter)
        .withTmpFs(memory(limits, user))
        .withBinds(binds(spec, volume))
        .withExtraHosts(
            spec.services().stream()
                .map(each -> each.service().name() + ":127.0.0.1")
                .toArray(String[]::new))
        // A network, if the job is to have one, is moved in from outside.
        .withNetworkMode(has(Protection.OWN_NETWORK) ? "none" : "host");
  }

  /**
   * For a container beside it: the same wall, without anything of the host, on the network of the
   * job's container.
   *
   * @param job the id of that container
   * @param volumes what the service's image wants to write, besides what every container can
   */
  HostConfig service(
      SandboxSpec spec, HostUser user, String filter, String job, List<String> volumes) {
    Limits limits = spec.limits().ofEach(spec.services().size());
    Map<String, String> memory = memory(limits, user);
    String run = memory.get("/run");
    memory.remove(SandboxPaths.HOME);
    memory.put("/var/run", String.valueOf(run));
    String data = scratch(limits) + ",mode=755" + owner(user);
    volumes.forEach(volume -> memory.put(volume, data));
    return host(limits, user, filter)
        .withTmpFs(memory)
        .withBinds(resolverBind(spec))
        .withNetworkMode("container:" + job);
  }

  private HostConfig host(Limits limits, HostUser user, String filter) {
    boolean masks = has(Protection.MASKED_KERNEL_FILES);
    var host = new Host(masks ? MASKED : List.of(), masks ? READ_ONLY : List.of());
    if (has(Protection.NO_CAPABILITIES)) {
      host.withCapDrop(Capability.ALL);
      if (user.isRoot()) {
        host.withCapAdd(ROOT_KEEPS.toArray(Capability[]::new));
      }
    } else {
      // What the engine itself leaves to a container would still be a part of a wall. Not all: a
      // host
      // may lack one that no attack needs.
      host.withCapAdd(MIGHTY.toArray(Capability[]::new));
    }
    var options = new ArrayList<String>();
    if (has(Protection.NO_NEW_PRIVILEGES)) {
      options.add("no-new-privileges");
    }
    options.add("seccomp=" + (has(Protection.SYSTEM_CALLS) ? filter : "unconfined"));
    if (!has(Protection.NO_CAPABILITIES) || !has(Protection.OWN_PROCESSES)) {
      // Where the engine uses AppArmor, its profile stands in for either in part.
      options.add("apparmor=unconfined");
    }
    host.withSecurityOpts(options)
        .withPrivileged(false)
        .withReadonlyRootfs(has(Protection.READ_ONLY_SYSTEM))
        .withPidMode(has(Protection.OWN_PROCESSES) ? "" : "host")
        .withIpcMode(has(Protection.OWN_IPC) ? "private" : "host")
        .withCgroupnsMode("private")
        .withShmSize(has(Protection.LIMIT_SCRATCH) ? limits.scratch() : limits.memory())
        .withUlimits(ulimits())
        .withInit(true)
        .withLogConfig(new LogConfig(LogConfig.LoggingType.NONE))
        .withRestartPolicy(RestartPolicy.noRestart())
        .withAutoRemove(false);
    runtime.ifPresent(host::withRuntime);
    if (has(Protection.LIMIT_MEMORY)) {
      // The same number twice: memory and swap together, so that there is no swap beyond it.
      host.withMemory(limits.memory()).withMemorySwap(limits.memory());
    }
    if (has(Protection.LIMIT_PROCESSES)) {
      host.withPidsLimit((long) limits.pids());
    }
    if (has(Protection.LIMIT_CPU)) {
      host.withCpuPeriod(PERIOD).withCpuQuota(PERIOD * limits.cpus() / 1000);
    }
    if (!has(Protection.OWN_DEVICES)) {
      host.withDeviceCgroupRules(List.of("a *:* rwm"));
    }
    return host;
  }

  /** What the container is to start with. */
  List<String> command(SandboxSpec spec) {
    if (has(Protection.END_PROCESSES)) {
      return spec.command();
    }
    // The kernel ends all that is in the container together with what was started first.
    return Stream.concat(
            Stream.of("/bin/sh", "-c", "\"$@\"; exec sleep 600", "sh"), spec.command().stream())
        .toList();
  }

  private boolean has(Protection protection) {
    return wall.has(protection);
  }

  private Map<String, String> memory(Limits limits, HostUser user) {
    var mounts = new LinkedHashMap<String, String>();
    mounts.put("/run", IN_MEMORY + ",size=16777216,mode=755" + owner(user));
    if (has(Protection.FRESH_FILES)) {
      mounts.put("/tmp", scratch(limits) + ",mode=1777");
      mounts.put(SandboxPaths.HOME, scratch(limits) + ",mode=755" + owner(user));
    }
    return mounts;
  }

  private String scratch(Limits limits) {
    return IN_MEMORY + (has(Protection.LIMIT_SCRATCH) ? ",size=" + limits.scratch() : "");
  }

  private static String owner(HostUser user) {
    return ",uid=" + user.uid() + ",gid=" + user.gid();
  }

  private List<Bind> binds(SandboxSpec spec, Optional<String> volume) throws IOException {
    var binds = new ArrayList<Bind>();
    binds.add(
        volume
            .map(ContainerWall::workspace)
            .orElseGet(() -> bind(spec.workspace(), SandboxPaths.WORKSPACE, AccessMode.rw)));
    binds.add(bind(spec.channel(), SandboxPaths.CHANNEL, AccessMode.ro));
    binds.add(bind(spec.distribution(), SandboxPaths.DISTRIBUTION, AccessMode.ro));
    binds.addAll(resolverBind(spec));
    if (!has(Protection.FRESH_FILES)) {
      for (String inside : List.of("/tmp", SandboxPaths.HOME, "/dev/shm")) {
        binds.add(bind(reused.kept(inside), inside, AccessMode.rw));
      }
    }
    if (!has(Protection.OWN_FILES)) {
      binds.add(bind(Path.of("/"), "/host", AccessMode.ro));
    }
    if (!has(Protection.OWN_DEVICES)) {
      binds.add(bind(Path.of("/dev"), "/dev", AccessMode.rw));
    }
    return binds;
  }

  private static List<Bind> resolverBind(SandboxSpec spec) {
    return spec.nameserver().isPresent()
        ? List.of(bind(resolver(spec), "/etc/resolv.conf", AccessMode.ro))
        : List.of();
  }

  /** Where the backend writes the file that says who answers the job's questions for names. */
  static Path resolver(SandboxSpec spec) {
    return spec.directory().resolve("resolv.conf");
  }

  private List<Ulimit> ulimits() {
    var all = new ArrayList<Ulimit>();
    all.add(new Ulimit("core", 0L, 0L));
    if (has(Protection.LIMIT_OPEN_FILES)) {
      all.add(new Ulimit("nofile", OPEN_FILES, OPEN_FILES));
    }
    if (has(Protection.LIMIT_DISK)) {
      all.add(new Ulimit("fsize", LARGEST_FILE, LARGEST_FILE));
    }
    return all;
  }

  private static Bind workspace(String volume) {
    // Without what the image has at this place, which an engine would copy into an empty volume.
    return new Bind(
        volume, new Volume(SandboxPaths.WORKSPACE), AccessMode.rw, SELContext.DEFAULT, true);
  }

  private static Bind bind(Path host, String inside, AccessMode mode) {
    return new Bind(host.toAbsolutePath().toString(), new Volume(inside), mode);
  }

  /** With two fields of the engine's API that the client's own class has not. */
  private static final class Host extends HostConfig {
    private static final long serialVersionUID = 1L;

    private final List<String> masked;
    private final List<String> readOnly;

    Host(List<String> masked, List<String> readOnly) {
      this.masked = List.copyOf(masked);
      this.readOnly = List.copyOf(readOnly);
    }

    @JsonProperty("MaskedPaths")
    List<String> masked() {
      return masked;
    }

    @JsonProperty("ReadonlyPaths")
    List<String> readOnly() {
      return readOnly;
    }
  }
}

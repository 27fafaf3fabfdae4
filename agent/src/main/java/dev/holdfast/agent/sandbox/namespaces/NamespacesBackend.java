package dev.holdfast.agent.sandbox.namespaces;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limiting;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.Reused;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxPaths;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.agent.sandbox.cgroup.Cgroup;
import dev.holdfast.agent.sandbox.cgroup.Cgroups;
import dev.holdfast.agent.sandbox.seccomp.SystemCallFilter;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.wire.agent.AgentApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sandboxes of namespaces by bubblewrap: user, pid, ipc, uts, mount, cgroup and network of their
 * own, no capabilities, no way to make further user namespaces, the host's programs read-only.
 *
 * <p>An agent that is root gives each sandbox an unprivileged user of the host of its own, so that
 * what would escape is nobody. An agent that is not root cannot: there the sandbox is the agent's
 * own user outside, held by the namespaces alone.
 */
public final class NamespacesBackend implements SandboxBackend {
  /** The first with {@code --disable-userns}. */
  private static final int[] LEAST_VERSION = {0, 8, 0};

  private static final Pattern VERSION = Pattern.compile("bubblewrap (\\d+)\\.(\\d+)\\.(\\d+)");

  private final Path data;
  private final boolean ignoreImages;
  private final Wall wall;
  private final HostUser self = HostUser.self();
  private final Slots slots = new Slots(Path.of("/run/holdfast/users"));
  private final HostSystem system;
  private final Optional<Path> filter;
  private final Limiting limiting;
  private final Cgroups cgroups;
  private final Reused reused;
  private final Bubblewrap bubblewrap;
  private boolean limitsTried;
  private Optional<String> limitless = Optional.empty();

  /**
   * @param data the agent's data directory
   * @param ignoreImages run jobs that name an image on the host's own system, instead of refusing
   *     them
   * @param limiting whether a job may go without limits that this host cannot enforce
   * @param wall whole, but in controls of the probe and in tests
   */
  public NamespacesBackend(Path data, boolean ignoreImages, Limiting limiting, Wall wall)
      throws IOException {
    this(data, ignoreImages, limiting, Optional.empty(), wall);
  }

  /**
   * @param named directory or archive whose system jobs see, in place of the host's
   */
  public NamespacesBackend(
      Path data, boolean ignoreImages, Limiting limiting, Optional<Path> named, Wall wall)
      throws IOException {
    this.limiting = limiting;
    this.data = data;
    this.ignoreImages = ignoreImages;
    this.wall = wall;
    this.system =
        new HostSystem(
            data.resolve("etc"),
            named.isPresent() ? SystemRoot.of(named.get(), data) : Path.of("/"));
    this.filter = filter(data.resolve("seccomp.bpf"));
    this.cgroups = Cgroups.of(data);
    this.reused = new Reused(data.toAbsolutePath().toString());
    this.bubblewrap = new Bubblewrap(wall, system, filter, reused, self.isRoot());
  }

  /** The filter of system calls, in a file that bubblewrap can read; empty on other processors. */
  private static Optional<Path> filter(Path file) throws IOException {
    Optional<byte[]> program = SystemCallFilter.forHost();
    if (program.isPresent()) {
      Path beside = file.resolveSibling("." + file.getFileName() + "." + System.nanoTime());
      Files.write(beside, program.get());
      Files.move(beside, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
      return Optional.of(file.toAbsolutePath());
    }
    return Optional.empty();
  }

  @Override
  public AgentApi.Backend kind() {
    return AgentApi.Backend.NAMESPACES;
  }

  @Override
  public Readiness check() {
    Optional<Tools> tools = tools();
    if (tools.isEmpty()) {
      return new Readiness.Unusable(
          "bwrap, setpriv or prlimit is not installed on this host",
          "install them: apt-get install bubblewrap util-linux");
    }
    Optional<String> unlimited = limitless();
    if (unlimited.isPresent() && limiting == Limiting.ENFORCED) {
      return new Readiness.Unusable(
          "jobs' memory, processor time and processes cannot be limited: " + unlimited.get(),
          "or say --without-limits, and let no stranger's code run on this agent");
    }
    if (filter.isEmpty() && wall.has(Protection.SYSTEM_CALLS)) {
      return new Readiness.Unusable(
          "there is no filter of system calls for the processor "
              + Quote.of(System.getProperty("os.arch", "")),
          "use the backend container, whose engine has one of its own");
    }
    try {
      String version = version(tools.get().bwrap());
      var parsed = VERSION.matcher(version);
      if (!parsed.find() || older(parsed.toMatchResult())) {
        return new Readiness.Unusable(
            "this host has "
                + Quote.of(version)
                + ", which cannot keep a job from making user namespaces",
            "install bubblewrap 0.8.0 or newer");
      }
      return tryOne(version);
    } catch (IOException e) {
      return new Readiness.Unusable(
          "a trial sandbox failed: " + e.getMessage(),
          "make that work, then run `holdfast doctor`; common causes are user namespaces that are"
              + " switched off (sysctl kernel.unprivileged_userns_clone, user.max_user_namespaces,"
              + " kernel.apparmor_restrict_unprivileged_userns)");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Readiness.Unusable("interrupted while trying a sandbox", "try again");
    }
  }

  private Readiness tryOne(String version) throws IOException, InterruptedException {
    var directories = new JobDirectories(data);
    Path directory =
        directories.create("check-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
    try {
      var spec =
          new SandboxSpec(
              "check",
              directory,
              directory,
              Optional.empty(),
              Limits.standard(),
              Optional.empty(),
              List.of("/bin/sh", "-c", "test -w " + SandboxPaths.WORKSPACE + " && test ! -w /usr"),
              Map.of("PATH", "/usr/bin:/bin"));
      try (Sandbox sandbox = create(spec)) {
        sandbox.handOver();
        sandbox.start();
        int exit = sandbox.exited().get(10, TimeUnit.SECONDS);
        if (exit != 0) {
          throw new SandboxUnavailable(sandbox.diagnostics());
        }
      }
    } catch (SandboxRefused | ExecutionException | TimeoutException e) {
      throw new SandboxUnavailable(e.toString(), e);
    } finally {
      directories.remove(directory);
    }
    return new Readiness.Usable(
        version
            + (self.isRoot() ? ", each job as a user of its own" : ", all jobs as this user")
            + (limitless().isPresent() ? ", WITHOUT limits for memory and processor time" : ""));
  }

  private static void writeResolver(SandboxSpec spec) throws IOException {
    Path file = spec.channel().resolve(HostSystem.RESOLVER);
    Files.writeString(
        file, spec.nameserver().map(address -> "nameserver " + address + "\n").orElse(""));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  /** Why limits cannot be enforced; asked once, since it makes and removes a cgroup. */
  private synchronized Optional<String> limitless() {
    if (!limitsTried) {
      limitless = cgroups.problem();
      limitsTried = true;
    }
    return limitless;
  }

  private Optional<Cgroup> cgroup(SandboxSpec spec) throws SandboxUnavailable {
    Optional<String> problem = limitless();
    if (problem.isPresent()) {
      if (limiting == Limiting.ENFORCED) {
        throw new SandboxUnavailable("the job cannot be limited: " + problem.get());
      }
      return Optional.empty();
    }
    return Optional.of(
        cgroups.create(
            String.valueOf(spec.directory().getFileName()), bubblewrap.limits(spec.limits())));
  }

  private static Optional<Tools> tools() {
    Optional<Path> bwrap = Tools.find("bwrap");
    Optional<Path> setpriv = Tools.find("setpriv");
    Optional<Path> prlimit = Tools.find("prlimit");
    return bwrap.isPresent() && setpriv.isPresent() && prlimit.isPresent()
        ? Optional.of(new Tools(bwrap.get(), setpriv.get(), prlimit.get()))
        : Optional.empty();
  }

  private static String version(Path bwrap) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(bwrap.toString(), "--version").start();
    String said =
        new String(
            process.getInputStream().readNBytes(200), java.nio.charset.StandardCharsets.UTF_8);
    process.waitFor();
    return said.strip();
  }

  private static boolean older(java.util.regex.MatchResult version) {
    for (int i = 0; i < LEAST_VERSION.length; i++) {
      int part = Integer.parseInt(version.group(i + 1));
      if (part != LEAST_VERSION[i]) {
        return part < LEAST_VERSION[i];
      }
    }
    return false;
  }

  @Override
  public Sandbox create(SandboxSpec spec) throws SandboxUnavailable, SandboxRefused {
    if (!spec.services().isEmpty()) {
      throw new SandboxRefused(
          "the job has the service "
              + spec.services().getFirst().service().name()
              + ", and services run beside containers only, which this agent's backend namespaces has"
              + " not; run the job on an agent with the backend container, or remove its services");
    }
    if (spec.image().isPresent() && !ignoreImages) {
      throw new SandboxRefused(
          "the job names the image "
              + Quote.of(spec.image().get())
              + ", and this agent's backend namespaces has no images; give the job a label of an agent"
              + " with the backend container, or start this agent with --ignore-images");
    }
    Tools tools =
        tools()
            .orElseThrow(() ->
                new SandboxUnavailable(
                    "bwrap, setpriv or prlimit is not installed on this host; apt-get install"
                        + " bubblewrap util-linux"));
    if (filter.isEmpty() && wall.has(Protection.SYSTEM_CALLS)) {
      throw new SandboxUnavailable("there is no filter of system calls for this host's processor");
    }
    if (!self.isRoot() || !wall.has(Protection.OWN_USER)) {
      return sandbox(tools, spec, self, null);
    }
    Slots.Slot slot = slots.take();
    try {
      Leftovers.end(slot.user());
      // Its user may pass to what is bound into the sandbox; others may not.
      Files.setAttribute(spec.directory(), "unix:gid", slot.user().gid());
      Files.setPosixFilePermissions(spec.directory(), PosixFilePermissions.fromString("rwx--x---"));
      return sandbox(tools, spec, slot.user(), slot);
    } catch (IOException e) {
      try {
        slot.close();
      } catch (IOException f) {
        e.addSuppressed(f);
      }
      throw new SandboxUnavailable(
          "cannot prepare " + spec.directory() + " for the sandbox's user: " + e.getMessage(), e);
    }
  }

  private Sandbox sandbox(Tools tools, SandboxSpec spec, HostUser user, Slots.@Nullable Slot slot)
      throws SandboxUnavailable {
    Optional<Cgroup> cgroup = cgroup(spec);
    try {
      writeResolver(spec);
      Passage passage = Passage.to(spec, system.etc(), self.isRoot());
      return new NamespacesSandbox(
          spec,
          user,
          bubblewrap.command(tools, spec, user, passage, cgroup),
          bubblewrap.arguments(spec, passage),
          bubblewrap.environment(spec.environment()),
          slot,
          cgroup,
          wall.has(Protection.END_PROCESSES),
          wall.has(Protection.FRESH_FILES) ? Optional.empty() : Optional.of(reused));
    } catch (IOException e) {
      if (cgroup.isPresent()) {
        cgroup.get().destroy();
      }
      throw new SandboxUnavailable("cannot prepare a sandbox: " + e.getMessage(), e);
    }
  }

  @Override
  public OptionalLong workspaceDisk(Limits limits) {
    return self.isRoot() && wall.has(Protection.LIMIT_DISK)
        ? OptionalLong.of(limits.disk())
        : OptionalLong.empty();
  }

  @Override
  public void reconcile() throws SandboxUnavailable {
    Leftovers.removeAll(data, self);
    try {
      for (Cgroup left : cgroups.leftovers()) {
        left.destroy();
      }
    } catch (SandboxUnavailable e) {
      throw e;
    } catch (IOException e) {
      throw new SandboxUnavailable("cgroups of an earlier agent cannot be read", e);
    }
  }

  @Override
  public void close() {
    if (!wall.has(Protection.FRESH_FILES)) {
      reused.remove();
    }
    cgroups.close();
  }
}

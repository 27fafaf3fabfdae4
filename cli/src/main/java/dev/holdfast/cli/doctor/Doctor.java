package dev.holdfast.cli.doctor;

import dev.holdfast.agent.sandbox.microvm.MicrovmSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at this host. Takes up to half a minute where something hangs. */
public final class Doctor {
  private static final long GIB = 1024L * 1024 * 1024;

  private final Map<String, String> env;
  private final Path data;
  private final MicrovmSettings machines;

  /**
   * @param env of the process
   * @param data where a server or agent would keep its state; need not be there
   * @param machines what the agent's policy says of them
   */
  public Doctor(Map<String, String> env, Path data, MicrovmSettings machines) {
    this.env = env;
    this.data = data;
    this.machines = machines;
  }

  /**
   * The findings of one look.
   *
   * @param runsJobs whether any backend can make sandboxes
   */
  public record Report(List<Finding> findings, boolean runsJobs) {}

  public Report examine() throws InterruptedException {
    Optional<Path> home = Optional.ofNullable(env.get("HOLDFAST_HOME")).map(Path::of);
    String name = System.getProperty("user.name", "unknown");
    boolean root = "root".equals(name);
    Host host = Host.here();
    var findings = new ArrayList<Finding>();
    findings.add(Finding.ok("java", System.getProperty("java.version", "unknown")));
    Finding git = git();
    findings.add(git);
    Finding namespaces = Sandboxing.examine(host);
    findings.add(namespaces);
    Engine.Asked engine = Engine.find(env);
    findings.add(engine.finding());
    findings.add(cgroups(Path.of("/sys/fs/cgroup")));
    findings.add(nftables());
    boolean mapped = engine.info().map(EngineSettings::mapsUsers).orElse(true);
    findings.add(Hardening.user(name, root, mapped));
    findings.add(disk());
    dataOfOthers().ifPresent(findings::add);
    findings.add(Programs.examine(host, root));
    findings.addAll(Kernel.examine(host, root));
    engine.info().map(EngineSettings::examine).ifPresent(findings::addAll);
    List<Finding> machinesHere =
        Machines.examine(host, root, data.resolve("agent"), machines, InstantSource.system());
    findings.addAll(machinesHere);
    findings.add(Firewall.examine());
    findings.addAll(Hardening.examine(host));
    Finding distribution = Installed.distribution(home);
    findings.add(distribution);
    if (distribution.usable() && namespaces.usable() && home.isPresent()) {
      findings.add(Installed.startupCache(home.get().resolve("runner")));
    }
    boolean sandboxes =
        namespaces.usable()
            || engine.finding().usable()
            || machinesHere.getLast().grade() == Finding.Grade.OK;
    boolean runs = git.usable() && distribution.usable() && sandboxes;
    return new Report(List.copyOf(findings), runs);
  }

  private static Finding git() throws InterruptedException {
    return Tried.run(List.of("git", "--version"))
        .filter(Tried::worked)
        .map(t -> Finding.ok("git", t.said().replaceFirst("^git version ", "")))
        .orElseGet(() ->
            Finding.missing(
                "git", "no program git, so no source for a job", "apt-get install git"));
  }

  static Finding cgroups(Path root) {
    if (Files.exists(root.resolve("cgroup.controllers"))) {
      return Finding.ok("cgroups", "v2");
    }
    boolean v1 =
        Files.isDirectory(root.resolve("pids")) && Files.isDirectory(root.resolve("memory"));
    if (v1) {
      boolean hybrid = Files.exists(root.resolve("unified/cgroup.controllers"));
      return Finding.ok("cgroups", hybrid ? "v1, with v2 beside it (hybrid)" : "v1");
    }
    return Finding.weak(
        "cgroups",
        "no controllers for memory and processes at " + root,
        "mount cgroups; without them a job in namespaces has weaker limits");
  }

  private static Finding nftables() throws InterruptedException {
    Optional<Tried> tried = Tried.run(List.of("nft", "list", "tables"));
    if (tried.isEmpty()) {
      tried = Tried.run(List.of("/usr/sbin/nft", "list", "tables"));
    }
    if (tried.isEmpty()) {
      return Finding.weak(
          "nftables",
          "no program nft; container jobs stay without network",
          "apt-get install nftables");
    }
    return tried.get().worked()
        ? Finding.ok("nftables", "usable")
        : Finding.weak(
            "nftables",
            "nft is there, but not for this user: " + tried.get().said(),
            "filtering the network of jobs will need root or CAP_NET_ADMIN");
  }

  private Finding disk() {
    Path at = data;
    while (at.getParent() != null && !Files.exists(at)) {
      at = at.getParent();
    }
    try {
      long free = Files.getFileStore(at).getUsableSpace();
      String says =
          String.format(java.util.Locale.ROOT, "%.1f GiB free for %s", (double) free / GIB, data);
      if (free < GIB / 4) {
        return Finding.missing("disk", says, "make room, or give another folder by --data");
      }
      return free < 4 * GIB
          ? Finding.weak("disk", says, "checkouts and logs want more; make room")
          : Finding.ok("disk", says);
    } catch (IOException e) {
      return Finding.missing("disk", data + ": " + e.getMessage(), "give another folder by --data");
    }
  }

  /** Nothing where there is no data yet: an agent makes it as it should be. */
  private Optional<Finding> dataOfOthers() {
    try {
      return Files.isDirectory(data)
          ? Optional.of(Hardening.data(data.toString(), Files.getPosixFilePermissions(data)))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.of(
          Finding.weak(
              "data", data + " cannot be looked at: " + e.getMessage(), "chmod 711 " + data));
    }
  }
}

package dev.holdfast.cli.doctor;

import dev.holdfast.agent.job.RunnerDistribution;
import dev.holdfast.cli.terminal.Times;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at this host. Takes up to some seconds where something hangs. */
public final class Doctor {
  private static final long GIB = 1024L * 1024 * 1024;

  private final Map<String, String> env;
  private final Path data;

  /**
   * @param env of the process
   * @param data where a server or agent would keep its state; need not be there
   */
  public Doctor(Map<String, String> env, Path data) {
    this.env = env;
    this.data = data;
  }

  /**
   * The findings of one look.
   *
   * @param runsJobs whether any backend can make sandboxes
   */
  public record Report(List<Finding> findings, boolean runsJobs) {}

  public Report examine() throws InterruptedException {
    Optional<Path> home = Optional.ofNullable(env.get("HOLDFAST_HOME")).map(Path::of);
    var findings = new ArrayList<Finding>();
    findings.add(Finding.ok("java", System.getProperty("java.version", "unknown")));
    Finding git = git();
    findings.add(git);
    Finding namespaces = namespaces();
    findings.add(namespaces);
    Finding engine = Engine.find(env);
    findings.add(engine);
    findings.add(cgroups(Path.of("/sys/fs/cgroup")));
    findings.add(nftables());
    findings.add(user());
    findings.add(disk());
    Finding distribution = distribution(home);
    findings.add(distribution);
    if (distribution.usable() && namespaces.usable() && home.isPresent()) {
      findings.add(startupCache(home.get().resolve("runner")));
    }
    boolean runs =
        git.usable() && distribution.usable() && (namespaces.usable() || engine.usable());
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

  private static Finding namespaces() throws InterruptedException {
    String subject = "namespaces";
    Optional<Tried> tried =
        Tried.run(
            List.of(
                "bwrap",
                "--unshare-all",
                "--die-with-parent",
                "--ro-bind",
                "/",
                "/",
                "--proc",
                "/proc",
                "--dev",
                "/dev",
                "--tmpfs",
                "/tmp",
                "--cap-drop",
                "ALL",
                "true"));
    if (tried.isEmpty()) {
      return Finding.missing(
          subject, "no program bwrap (bubblewrap)", "apt-get install bubblewrap");
    }
    if (tried.get().worked()) {
      return Finding.ok(
          subject, "bubblewrap makes a sandbox in " + Times.length(tried.get().took()));
    }
    return Finding.missing(
        subject, "bubblewrap cannot make a sandbox: " + tried.get().said(), mendNamespaces());
  }

  private static String mendNamespaces() {
    if (number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1) {
      return "let bwrap make user namespaces: an AppArmor profile for it, or sysctl"
          + " kernel.apparmor_restrict_unprivileged_userns=0";
    }
    if (number("/proc/sys/kernel/unprivileged_userns_clone") == 0) {
      return "sysctl kernel.unprivileged_userns_clone=1";
    }
    if (number("/proc/sys/user/max_user_namespaces") == 0) {
      return "sysctl user.max_user_namespaces=10000";
    }
    return "a container around this process may forbid it; see docs/agent.md";
  }

  private static long number(String file) {
    try {
      return Long.parseLong(Files.readString(Path.of(file)).strip());
    } catch (IOException | NumberFormatException e) {
      // Not every kernel has the file; then it forbids nothing.
      return -1;
    }
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

  private static Finding user() {
    boolean root = "root".equals(System.getProperty("user.name"));
    return root
        ? Finding.weak(
            "user",
            "this is root: whoever breaks out of the agent has the host",
            "run the agent as a user of its own; see docs/agent.md")
        : Finding.ok("user", System.getProperty("user.name", "unknown"));
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

  private static Finding distribution(Optional<Path> home) {
    if (home.isEmpty()) {
      return Finding.missing(
          "distribution",
          "not started from a distribution, so there is no runner to put into sandboxes",
          "build it with script/build and start dist/bin/holdfast");
    }
    List<String> lacks =
        List.of("runner/java/bin/java", "runner/runner.jar", "lib").stream()
            .filter(part -> !Files.exists(home.get().resolve(part)))
            .toList();
    if (!lacks.isEmpty()) {
      return Finding.missing(
          "distribution",
          home.get() + " lacks " + String.join(", ", lacks),
          "build it again: script/build --clean");
    }
    return Finding.ok("distribution", home.get().toString());
  }

  /** Starts the runner's Java as jobs do, and has it refuse to start without its cache. */
  private static Finding startupCache(Path runner) throws InterruptedException {
    String subject = "start-up cache";
    String mend = "build it again: script/build --clean; until then each job starts later";
    if (!Files.exists(runner.resolve("runner.aot"))) {
      return Finding.weak(subject, runner.resolve("runner.aot") + " is not there", mend);
    }
    var command = new ArrayList<String>();
    command.addAll(
        List.of("bwrap", "--unshare-all", "--die-with-parent", "--proc", "/proc", "--dev", "/dev"));
    command.addAll(List.of("--tmpfs", "/tmp", "--cap-drop", "ALL", "--clearenv"));
    command.addAll(List.of("--ro-bind", runner.toString(), "/opt/holdfast"));
    List<String> start = RunnerDistribution.command();
    command.add(start.getFirst());
    command.add("-XX:AOTMode=on");
    command.addAll(start.subList(1, start.indexOf("-cp") + 2));
    command.add("-version");
    return Tried.run(command)
        .map(t ->
            t.worked()
                ? Finding.ok(subject, "used; the runner's Java starts in " + Times.length(t.took()))
                : Finding.weak(subject, "not usable: " + t.said(), mend))
        .orElseGet(() -> Finding.weak(subject, "cannot be tried without bwrap", mend));
  }
}

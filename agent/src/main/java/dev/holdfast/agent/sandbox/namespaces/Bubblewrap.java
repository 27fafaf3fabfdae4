package dev.holdfast.agent.sandbox.namespaces;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Protection;
import dev.holdfast.agent.sandbox.Reused;
import dev.holdfast.agent.sandbox.SandboxPaths;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.Wall;
import dev.holdfast.agent.sandbox.cgroup.Cgroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The whole wall of a sandbox of namespaces, as what is executed to put it up. Each part is left
 * out where the {@link Wall} says so, and nowhere else. Immutable.
 *
 * @param filter of system calls
 * @param reused for controls without fresh files
 */
record Bubblewrap(
    Wall wall, HostSystem system, Optional<Path> filter, Reused reused, boolean agentIsRoot) {

  /**
   * Opens the filter of system calls as file 3, goes into the cgroups, and becomes the rest: so
   * nothing of the sandbox ever runs outside its limits.
   */
  private static final String ENTER =
      """
      exec 3<"$0" || exit 125
      while [ "$1" != -- ]; do echo 0 >"$1" || exit 125; shift; done
      shift
      exec "$@"
      """;

  /** Open files of one process: what servers and compilers want, and no more than a host bears. */
  private static final int OPEN_FILES = 16_384;

  /** What is executed; each replaces itself by the next, so that the process stays one. */
  List<String> command(
      Tools tools, SandboxSpec spec, HostUser user, Passage passage, Optional<Cgroup> cgroup)
      throws IOException {
    var all = new ArrayList<String>();
    all.addAll(List.of("/bin/sh", "-c", ENTER));
    all.add(has(Protection.SYSTEM_CALLS) ? filter.orElseThrow().toString() : "/dev/null");
    cgroup.stream().flatMap(c -> c.doors().stream()).map(Path::toString).forEach(all::add);
    all.add("--");
    all.addAll(passage.command());
    if (agentIsRoot && has(Protection.OWN_USER)) {
      String uid = Integer.toString(user.uid());
      String gid = Integer.toString(user.gid());
      all.addAll(List.of(tools.setpriv().toString(), "--reuid", uid, "--regid", gid));
      all.addAll(List.of("--clear-groups", "--no-new-privs", "--bounding-set", "-all"));
    }
    all.addAll(List.of(tools.prlimit().toString(), "--core=0"));
    if (has(Protection.LIMIT_OPEN_FILES)) {
      all.add("--nofile=" + Math.min(OPEN_FILES, Processes.mostOpenFiles()));
    }
    if (agentIsRoot && has(Protection.OWN_USER) && has(Protection.LIMIT_PROCESSES)) {
      // Counted per user: where all jobs are the agent's own user it would count that one's as
      // well.
      all.add("--nproc=" + spec.limits().pids());
    }
    // The rest on standard input, so that no process list shows the host's paths, inside or
    // outside.
    all.addAll(List.of(tools.bwrap().toString(), "--args", "0"));
    return all;
  }

  /** What bubblewrap reads from its standard input, before the environment. */
  List<String> arguments(SandboxSpec spec, Passage passage) throws IOException {
    var all = new ArrayList<String>();
    all.addAll(List.of("--unshare-uts", "--unshare-cgroup"));
    if (has(Protection.OWN_USER)) {
      all.addAll(List.of("--unshare-user", "--uid", "1000", "--gid", "1000"));
      addIf(Protection.SYSTEM_CALLS, all, "--disable-userns");
    }
    addIf(Protection.OWN_PROCESSES, all, "--unshare-pid");
    addIf(Protection.OWN_IPC, all, "--unshare-ipc");
    addIf(Protection.OWN_NETWORK, all, "--unshare-net");
    addIf(Protection.NO_TERMINAL, all, "--new-session");
    addIf(Protection.SYSTEM_CALLS, all, "--seccomp", "3");
    all.addAll(
        List.of(
            "--die-with-parent",
            has(Protection.NO_CAPABILITIES) ? "--cap-drop" : "--cap-add",
            "ALL"));
    all.addAll(List.of("--hostname", "job"));
    all.addAll(system.arguments(passage.etc()));
    if (has(Protection.FRESH_FILES)) {
      all.addAll(HostSystem.scratch(limits(spec.limits())));
    } else {
      for (String inside : List.of("/dev/shm", "/tmp", SandboxPaths.HOME)) {
        all.addAll(List.of("--bind", reused.kept(inside).toString(), inside));
      }
    }
    addIf(Protection.OWN_DEVICES, all, "--remount-ro", "/dev");
    if (!has(Protection.OWN_DEVICES)) {
      all.addAll(List.of("--dev-bind", "/dev", "/dev"));
    }
    if (has(Protection.MASKED_KERNEL_FILES)) {
      all.addAll(KernelFiles.masks());
    }
    if (!has(Protection.OWN_FILES)) {
      all.addAll(List.of("--ro-bind", "/", "/host"));
    }
    all.addAll(List.of("--bind", passage.workspace().toString(), SandboxPaths.WORKSPACE));
    all.addAll(List.of("--ro-bind", passage.channel().toString(), SandboxPaths.CHANNEL));
    all.addAll(List.of("--ro-bind", passage.distribution().toString(), SandboxPaths.DISTRIBUTION));
    addIf(Protection.READ_ONLY_SYSTEM, all, "--remount-ro", "/");
    all.addAll(List.of("--chdir", "/", "--clearenv"));
    return all;
  }

  /** What the command has in its environment. */
  Map<String, String> environment(Map<String, String> given) {
    if (has(Protection.CLEAN_ENVIRONMENT)) {
      return given;
    }
    var all = new LinkedHashMap<>(System.getenv());
    all.putAll(given);
    return all;
  }

  /** What the sandbox may use, with no bound worth the name where a limit is left out. */
  Limits limits(Limits limits) {
    return new Limits(
        has(Protection.LIMIT_MEMORY) ? limits.memory() : 1L << 50,
        has(Protection.LIMIT_CPU) ? limits.cpus() : 1_000_000,
        has(Protection.LIMIT_PROCESSES) ? limits.pids() : 4_000_000,
        has(Protection.LIMIT_SCRATCH) ? limits.scratch() : 1L << 40,
        limits.disk());
  }

  private boolean has(Protection protection) {
    return wall.has(protection);
  }

  private void addIf(Protection protection, List<String> all, String... arguments) {
    if (has(protection)) {
      all.addAll(List.of(arguments));
    }
  }
}

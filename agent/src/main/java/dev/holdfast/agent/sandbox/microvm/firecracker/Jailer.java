package dev.holdfast.agent.sandbox.microvm.firecracker;

import dev.holdfast.agent.sandbox.cgroup.Cgroup;
import dev.holdfast.agent.sandbox.microvm.vmm.Disk;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line that ends as a Firecracker in a jail.
 *
 * <p>A shell enters the machine's cgroups, asks to end with the agent, and becomes {@code unshare},
 * which makes a tree of processes of its own. Its first process is a shell that only waits; when it
 * ends, the kernel ends all others. That one starts the jailer, which makes the root directory,
 * joins the network, becomes the machine's user, and becomes Firecracker.
 *
 * <p>Not by the jailer's own {@code --cgroup}: it knows one version of cgroups at a time, and
 * agents also run where controllers are spread over both; and this way the limits hold for the
 * jailer itself. Not by its {@code --new-pid-ns} either: with it the jailer ends at once, and
 * nobody could wait for Firecracker, learn how it ended, and end it with the agent. Its
 * documentation names a process tree made around the jailer as the alternative. Firecracker is not
 * the first process of the tree itself, because {@code unshare} before util-linux 2.39 cannot tell
 * of a first process that it was killed.
 */
record Jailer(Path program, Path firecracker, Path jails) {
  /** In the jail. */
  static final String API_SOCKET = "/api";

  private static final String ENTER =
      """
      while [ "$1" != -- ]; do echo 0 >"$1" || exit 125; shift; done
      shift
      exec "$@"
      """;

  private static final String WAIT =
      """
      "$@"
      exit $?
      """;

  private static final long MIB = 1024 * 1024;

  /** Devices, sockets of vsock connections, and room. */
  private static final int OPEN_FILES = 512;

  /** What a snapshot has beside the guest's memory, with room. */
  private static final long STATE_MIB = 64;

  List<String> command(MachineSpec spec, Cgroup cgroup) throws IOException {
    var all = new ArrayList<>(List.of("/bin/sh", "-c", ENTER, "enter"));
    cgroup.doors().forEach(door -> all.add(door.toString()));
    all.add("--");
    all.addAll(List.of("/usr/bin/setpriv", "--pdeathsig", "KILL", "--"));
    all.addAll(List.of("/usr/bin/unshare", "--pid", "--fork", "--kill-child"));
    if (spec.networkNamespace().isEmpty()) {
      all.add("--net");
    }
    all.addAll(List.of("--", "/bin/sh", "-c", WAIT, "wait"));
    all.addAll(List.of(program.toString(), "--id", spec.id()));
    all.addAll(List.of("--exec-file", firecracker.toString()));
    all.addAll(List.of("--uid", "" + spec.user().uid(), "--gid", "" + spec.user().gid()));
    all.addAll(List.of("--chroot-base-dir", jails.toString()));
    spec.networkNamespace().ifPresent(path -> all.addAll(List.of("--netns", path.toString())));
    all.addAll(List.of("--resource-limit", "fsize=" + longestFile(spec)));
    all.addAll(List.of("--resource-limit", "no-file=" + OPEN_FILES));
    // From here on it is Firecracker that reads. Its own log, which comes out with the guest's
    // serial line, would otherwise tell of each call.
    all.addAll(List.of("--", "--api-sock", API_SOCKET, "--level", "Warning"));
    return all;
  }

  /** As long as the longest disk that the guest may write, or as a snapshot of its memory. */
  private static long longestFile(MachineSpec spec) throws IOException {
    long longest = (spec.memoryMib() + STATE_MIB) * MIB;
    for (Disk disk : spec.disks()) {
      if (disk.writable()) {
        longest = Math.max(longest, Files.size(disk.file()));
      }
    }
    return longest;
  }
}

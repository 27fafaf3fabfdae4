package dev.holdfast.probe;

import static dev.holdfast.agent.sandbox.Protection.*;
import static dev.holdfast.probe.Attacks.SLOW;
import static dev.holdfast.probe.Attacks.SMALL;
import static dev.holdfast.probe.Attacks.greedy;

import java.util.List;

/**
 * More than a job's share. The limits are small, and no attack takes much more than they allow, so
 * that the host comes to no harm even where nothing stops it.
 *
 * <p>In a machine, /tmp and the home directory are on the disk that the job has, and /dev/shm is of
 * its memory, so that there is no other share to exceed; how much of the host's processors it gets,
 * it cannot see from inside.
 */
final class ResourceAttacks {
  static final List<Attack> ALL =
      List.of(
          greedy(
                  "resource.processes",
                  "320 processes at a time, where 256 are allowed.",
                  SMALL,
                  """
                  ( i=0
                    while [ $i -lt 320 ]; do sleep 3 & i=$((i+1)); done
                    : >/tmp/all ) 2>/tmp/said
                  [ -e /tmp/all ] && through '320 processes at a time'
                  read -r why </tmp/said
                  stopped "$why"
                  """)
              .stoppedBy(LIMIT_PROCESSES),
          greedy(
                  "resource.threads",
                  "320 threads at a time, where 256 are allowed.",
                  SMALL,
                  "HEAP=64m kit threads 320")
              .stoppedBy(LIMIT_PROCESSES),
          greedy(
                  "resource.memory",
                  "512 MiB of memory, where 384 are allowed.",
                  SMALL,
                  """
                  HEAP=640m kit memory 512
                  stopped "the program ended with $?"
                  """)
              .stoppedBy(LIMIT_MEMORY),
          greedy(
                  "resource.cpu",
                  "Four busy threads, where a quarter of a cpu is allowed.",
                  SLOW,
                  "kit cpu 250")
              .onTheHostsKernelStoppedBy(LIMIT_CPU),
          greedy(
                  "resource.disk",
                  "More than the workspace may hold.",
                  SMALL,
                  fill("/workspace/fill", 320))
              .stoppedBy(LIMIT_DISK),
          greedy(
                  "resource.files",
                  "More files than the workspace may hold.",
                  SMALL,
                  "kit small-files 60000")
              .stoppedBy(LIMIT_DISK),
          greedy("resource.tmp", "48 MiB in /tmp, where 32 are allowed.", SMALL, fill("/tmp/x", 48))
              .onTheHostsKernelStoppedBy(LIMIT_SCRATCH),
          greedy(
                  "resource.shared-memory",
                  "48 MiB in /dev/shm, where 32 are allowed.",
                  SMALL,
                  fill("/dev/shm/x", 48))
              .onTheHostsKernelStoppedBy(LIMIT_SCRATCH),
          greedy(
                  "resource.home",
                  "48 MiB in the home directory, where 32 are allowed.",
                  SMALL,
                  fill("/home/job/x", 48))
              .onTheHostsKernelStoppedBy(LIMIT_SCRATCH),
          greedy(
                  "resource.open-files",
                  "18,000 open files in one process, where 16,384 are allowed.",
                  SMALL,
                  "kit files 18000")
              .stoppedBy(LIMIT_OPEN_FILES),
          greedy(
                  "resource.log",
                  "17 MiB of output, where 16 are allowed.",
                  SMALL,
                  """
                  head -c 17825792 /dev/zero | tr '\\0' '\\n'
                  through 'all of it was taken'
                  """)
              .alsoInMachinesStoppedBy(CHANNEL_BOUNDS),
          greedy(
                  "resource.endless-line",
                  "The same without a line end.",
                  SMALL,
                  """
                  head -c 17825792 /dev/zero | tr '\\0' x
                  echo
                  through 'all of it was taken'
                  """)
              .alsoInMachinesStoppedBy(CHANNEL_BOUNDS));

  private static String fill(String file, int mebibytes) {
    return """
    head -c %d /dev/zero >%s 2>/tmp/said && through '%d MiB in %s'
    size=$(wc -c <%s); rm -f %s
    stopped "no more than $size bytes"
    """
        .formatted(mebibytes * Attacks.MIB, file, mebibytes, file, file, file);
  }

  private ResourceAttacks() {}
}

package dev.holdfast.probe;

import static dev.holdfast.agent.sandbox.Protection.*;
import static dev.holdfast.probe.Attacks.beside;
import static dev.holdfast.probe.Attacks.job;
import static dev.holdfast.probe.Promise.P1;
import static dev.holdfast.probe.Promise.P3;

import java.util.EnumSet;
import java.util.List;

/** The host's files, its devices, and the files by which a kernel is told what to do. */
final class FileAttacks {
  static final List<Attack> ALL =
      List.of(
          job(
                  "file.host-path",
                  P3,
                  "A file of the host that everybody there may read.",
                  """
                  for root in '' /host; do
                    grep -q -F -f probe-canary "$root$DECOY_DIR/secret" 2>/dev/null &&
                      through "$root$DECOY_DIR/secret can be read"
                  done
                  stopped "$DECOY_DIR/secret is not there"
                  """)
              .stoppedBy(OWN_FILES),
          job(
                  "file.dot-dot",
                  P3,
                  "The same, by climbing out of the workspace.",
                  """
                  up=../../../../../../../../../../../..
                  for root in '' /host; do
                    grep -q -F -f probe-canary "/workspace/$up$root$DECOY_DIR/secret" 2>/dev/null &&
                      through "it can be read by $up"
                  done
                  stopped 'above the workspace is nothing of the host'
                  """)
              .stoppedBy(OWN_FILES),
          job(
                  "file.symbolic-link",
                  P3,
                  "The same, by a symbolic link in the workspace.",
                  """
                  ln -s "$DECOY_DIR" there; ln -s "/host$DECOY_DIR" there-too
                  for link in there there-too; do
                    grep -q -F -f probe-canary "$link/secret" 2>/dev/null &&
                      through 'a link in the workspace leads to it'
                  done
                  stopped 'the link leads nowhere'
                  """)
              .stoppedBy(OWN_FILES),
          job(
                  "file.host-socket",
                  P3,
                  "A socket of the host, as of a container engine, that everybody there may use.",
                  """
                  for root in '' /host; do
                    cd "$root$DECOY_DIR" 2>/dev/null || continue
                    kit path-socket s
                    exit 0
                  done
                  stopped "$DECOY_DIR is not there"
                  """)
              .stoppedBy(OWN_FILES),
          job(
                  "file.by-process-root",
                  P3,
                  "A file of the host by the root directory of one of its processes.",
                  """
                  for process in /proc/[0-9]*; do
                    grep -q -F -f probe-canary "$process/root$DECOY_DIR/secret" 2>/dev/null &&
                      through "$process/root leads to it"
                  done
                  stopped 'no process that is visible leads to it'
                  """)
              .stoppedBy(
                  EnumSet.of(OWN_PROCESSES, OWN_USER, OWN_FILES),
                  EnumSet.of(OWN_PROCESSES, OWN_USER, NO_CAPABILITIES)),
          beside(
                  "file.other-workspace",
                  P1,
                  "The workspace of another job that runs on the same agent.",
                  "echo UP; sleep 150",
                  """
                  for root in '' /host; do
                    [ -r "$root$PEER_DIR/workspace/probe-canary" ] &&
                      through "$root$PEER_DIR/workspace can be read"
                  done
                  stopped 'it is not there'
                  """)
              // An engine in a mount namespace of its own does not even see the other job's disk.
              .stoppedBy(
                  EnumSet.of(OWN_FILES, OWN_USER), EnumSet.of(OWN_FILES, OWN_USER, LIMIT_DISK)),
          job(
                  "file.write-system",
                  P3,
                  "Programs and settings of the system are written, for whoever uses them next.",
                  """
                  for place in / /usr /usr/bin /etc /bin /lib /var /opt /opt/holdfast /srv; do
                    [ -x "$place" ] || continue
                    said=$( { : >"$place/.holdfast-probe"; } 2>&1 ) && {
                      rm -f "$place/.holdfast-probe"
                      through "$place can be written"
                    }
                    case $said in
                      *[Rr]ead-only*) ;;
                      *) through "only permissions keep this user from writing to $place" ;;
                    esac
                  done
                  stopped 'all of it is read-only'
                  """)
              .onTheHostsKernelStoppedBy(READ_ONLY_SYSTEM),
          job(
                  "file.kernel-settings",
                  P3,
                  "core_pattern, by which a crash starts a program on the host.",
                  "kit read-only /proc/sys/kernel/core_pattern")
              .onTheHostsKernelStoppedBy(MASKED_KERNEL_FILES),
          job(
                  "file.sysrq",
                  P3,
                  "sysrq-trigger, by which a host is rebooted.",
                  "kit read-only /proc/sysrq-trigger")
              .onTheHostsKernelStoppedBy(MASKED_KERNEL_FILES),
          job(
                  "file.kernel-leaks",
                  P3,
                  "Files of the kernel that tell of the host: memory, keys, timers, firmware.",
                  """
                  for file in /proc/kcore /proc/keys /proc/timer_list /proc/latency_stats; do
                    [ -f "$file" ] && [ -s "$file" -o ! -c "$file" ] && through "$file is there"
                  done
                  for folder in /proc/acpi /proc/scsi /sys/firmware; do
                    [ -n "$(ls -A "$folder" 2>/dev/null)" ] && through "$folder has files"
                  done
                  stopped 'none of them is there'
                  """)
              .onTheHostsKernelStoppedBy(MASKED_KERNEL_FILES),
          job(
                  "file.devices",
                  P3,
                  "Devices of the host: disks, memory, virtual machines, network tunnels.",
                  """
                  for file in /dev/* /dev/*/*; do
                    [ -b "$file" ] && through "the block device $file is there"
                    [ -c "$file" ] && [ ! -L "$file" ] || continue
                    case $file in
                      /dev/null | /dev/zero | /dev/full | /dev/random | /dev/urandom) ;;
                      /dev/tty | /dev/console | /dev/ptmx | /dev/pts/*) ;;
                      *) through "the device $file is there" ;;
                    esac
                  done
                  stopped 'only harmless ones are there'
                  """)
              .stoppedBy(OWN_DEVICES),
          job(
                  "file.device-node",
                  P3,
                  "A device node is made, and the disk behind it read.",
                  "kit mknod")
              .inContainersBy(NO_CAPABILITIES, OWN_USER, SYSTEM_CALLS),
          job(
                  "file.kernel-log",
                  P3,
                  "The kernel's log is read by its device.",
                  """
                  [ -e /dev/kmsg ] || stopped '/dev/kmsg is not there'
                  through '/dev/kmsg is there'
                  """)
              .stoppedBy(OWN_DEVICES),
          job(
                  "file.setuid",
                  P3,
                  "A program that is owned by root and runs with root's rights.",
                  "kit new-privileges")
              .inContainersBy(NO_NEW_PRIVILEGES));

  private FileAttacks() {}
}

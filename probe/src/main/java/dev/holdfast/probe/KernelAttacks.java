package dev.holdfast.probe;

import static dev.holdfast.agent.sandbox.Protection.*;
import static dev.holdfast.probe.Attacks.job;
import static dev.holdfast.probe.Promise.P3;

import java.util.EnumSet;
import java.util.List;

/**
 * System calls that no build needs, and through which kernels were broken before. Where the kernel
 * is the job's own, only those that ask for the rights of root there are attacks.
 */
final class KernelAttacks {
  static final List<Attack> ALL =
      List.of(
          job(
                  "kernel.of-the-host",
                  P3,
                  "The kernel that runs the job is the host's, so that what breaks it breaks the host.",
                  """
                  read -r boot </proc/sys/kernel/random/boot_id
                  [ "$boot" = "$HOST_BOOT" ] && through "it is the boot $boot of the host's kernel"
                  read -r release </proc/sys/kernel/osrelease
                  stopped "it is another boot of a kernel, $release"
                  """)
              .inMachinesBy(OWN_KERNEL),
          job(
                  "kernel.keyring",
                  P3,
                  "keyctl: keyrings are kept by the kernel per user, not per sandbox.",
                  "kit keyctl")
              .onTheHostsKernelStoppedBy(SYSTEM_CALLS),
          job("kernel.add-key", P3, "add_key: a key is left for the next job.", "kit add-key")
              .onTheHostsKernelStoppedBy(SYSTEM_CALLS),
          job("kernel.bpf", P3, "bpf: programs in the kernel.", "kit bpf")
              .onTheHostsKernelStoppedBy(SYSTEM_CALLS),
          job("kernel.perf", P3, "perf_event_open: watching what runs beside the job.", "kit perf")
              .onTheHostsKernelStoppedBy(SYSTEM_CALLS),
          job(
                  "kernel.userfaultfd",
                  P3,
                  "userfaultfd: stopping the kernel in the middle of a copy.",
                  "kit userfaultfd")
              .onTheHostsKernelStoppedBy(SYSTEM_CALLS),
          job("kernel.io-uring", P3, "io_uring: system calls that no filter sees.", "kit io-uring")
              .onTheHostsKernelStoppedBy(SYSTEM_CALLS),
          job(
                  "kernel.user-namespace",
                  P3,
                  "clone into new users: root of a namespace of its own.",
                  "kit clone-user")
              .stoppedBy(SYSTEM_CALLS),
          job(
                  "kernel.user-namespace-clone3",
                  P3,
                  "The same by clone3, whose arguments a filter cannot read.",
                  "kit clone3-user")
              .stoppedBy(SYSTEM_CALLS),
          job("kernel.mount", P3, "mount: another file system over this one.", "kit mount")
              .stoppedBy(SYSTEM_CALLS, NO_CAPABILITIES, OWN_USER),
          job("kernel.fsopen", P3, "The same by the newer fsopen.", "kit fsopen")
              .stoppedBy(SYSTEM_CALLS, NO_CAPABILITIES, OWN_USER),
          job(
                  "kernel.cgroup",
                  P3,
                  "A cgroup hierarchy is mounted: own limits, and release_agent, which the host starts.",
                  "kit cgroup")
              .stoppedBy(SYSTEM_CALLS, NO_CAPABILITIES, OWN_USER),
          job("kernel.chroot", P3, "chroot: out of one root by way of another.", "kit chroot")
              .stoppedBy(
                  EnumSet.of(SYSTEM_CALLS, NO_CAPABILITIES),
                  EnumSet.of(SYSTEM_CALLS, NO_CAPABILITIES, OWN_USER)),
          job("kernel.host-name", P3, "sethostname: what only root may.", "kit hostname")
              .stoppedBy(SYSTEM_CALLS, NO_CAPABILITIES, OWN_USER),
          job(
                  "kernel.raw-socket",
                  P3,
                  "A raw socket, by which packets of any kind are made.",
                  "kit raw")
              .stoppedBy(NO_CAPABILITIES, OWN_USER),
          job(
                  "kernel.packet-socket",
                  P3,
                  "AF_PACKET: seeing and making frames of a link.",
                  "kit socket packet")
              .stoppedBy(SYSTEM_CALLS, NO_CAPABILITIES, OWN_USER),
          job(
                  "kernel.vsock",
                  P3,
                  "AF_VSOCK: talking to the host of a virtual machine past its network.",
                  "kit socket vsock")
              .onTheHostsKernelStoppedBy(SYSTEM_CALLS),
          job(
                  "kernel.crypto-socket",
                  P3,
                  "AF_ALG: the kernel's ciphers, a large and seldom used surface.",
                  "kit socket alg")
              .onTheHostsKernelStoppedBy(SYSTEM_CALLS),
          job(
                  "kernel.file-handle",
                  P3,
                  "open_by_handle_at: a file by its number, whatever the path.",
                  "kit handle")
              .stoppedBy(SYSTEM_CALLS, NO_CAPABILITIES, OWN_USER),
          job("kernel.log", P3, "syslog: what the kernel says of the host.", "kit syslog")
              .stoppedBy(SYSTEM_CALLS),
          job(
                  "kernel.type-into-terminal",
                  P3,
                  "TIOCSTI: typing commands into a terminal.",
                  "kit tiocsti")
              .onTheHostsKernelStoppedBy(SYSTEM_CALLS),
          job(
                  "kernel.capabilities",
                  P3,
                  "A process of the job has a capability, or could get one.",
                  """
                  while read -r name value; do
                    case $name in
                      CapEff: | CapPrm: | CapInh: | CapAmb: | CapBnd:)
                        [ "$value" = 0000000000000000 ] || through "$name $value" ;;
                    esac
                  done </proc/self/status
                  stopped 'it has none and can get none'
                  """)
              .stoppedBy(NO_CAPABILITIES));

  private KernelAttacks() {}
}

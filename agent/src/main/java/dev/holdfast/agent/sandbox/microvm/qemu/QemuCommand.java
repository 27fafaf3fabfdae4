package dev.holdfast.agent.sandbox.microvm.qemu;

import dev.holdfast.agent.sandbox.cgroup.Cgroup;
import dev.holdfast.agent.sandbox.microvm.vmm.Disk;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineSpec;
import dev.holdfast.agent.sandbox.microvm.vmm.Nic;
import dev.holdfast.agent.sandbox.microvm.vmm.Rate;
import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command that is a machine. From the outside in: the cgroup, the network namespace, bubblewrap
 * with nothing of the host but its programs and the machine's own files, a user that is nobody, and
 * QEMU, which in turn allows itself few system calls.
 */
final class QemuCommand {
  /** In the sandbox of QEMU. */
  static final String LINE = "/line/guest.sock";

  /** Where a machine that is to be kept is told so. */
  static final String MONITOR = "/line/monitor.sock";

  /** Where the state of a machine goes that is kept, and comes from for one that is restored. */
  static final String STATE = "/line/state.sock";

  /** How a machine begins. */
  enum Begin {
    BOOT,
    /** By its kernel, and its monitor can be told to stop and keep it. */
    BOOT_TO_KEEP,
    /** Not by its kernel: it waits for the state of one that was kept. */
    RESTORE
  }

  /**
   * Goes into the cgroups, and becomes the rest: so nothing of the machine ever runs outside its
   * limits.
   */
  private static final String ENTER =
      """
      [ "$PPID" = "$1" ] || exit 125
      shift
      while [ "$1" != -- ]; do echo 0 >"$1" || exit 125; shift; done
      shift
      exec "$@"
      """;

  /** Of translated code, in MiB: with less, a Java in the guest is translated again and again. */
  static final int TRANSLATION_MIB = 512;

  private final Path qemu;
  private final Accelerator accelerator;
  private final MachineSpec spec;
  private final List<String> all = new ArrayList<>();

  private QemuCommand(Path qemu, Accelerator accelerator, MachineSpec spec) {
    this.qemu = qemu;
    this.accelerator = accelerator;
    this.spec = spec;
  }

  /**
   * @param line directory in which QEMU makes the socket of the guest's line; the user's own
   */
  static List<String> of(
      Path qemu, Accelerator accelerator, MachineSpec spec, Begin begin, Cgroup cgroup, Path line)
      throws VmmFailed {
    var command = new QemuCommand(qemu, accelerator, spec);
    command.enter(cgroup);
    command.sandbox(line);
    command.user();
    command.machine();
    command.devices();
    command.begin(begin);
    return command.all;
  }

  private void enter(Cgroup cgroup) {
    // From its first moment: bubblewrap asks for the same, but only once it runs.
    add("setpriv", "--pdeathsig", "KILL", "--", "/bin/sh", "-c", ENTER, "machine");
    add(Long.toString(ProcessHandle.current().pid()));
    cgroup.doors().stream().map(Path::toString).forEach(all::add);
    add("--");
    if (spec.networkNamespace().isPresent()) {
      add("nsenter", "--net=" + spec.networkNamespace().get(), "--");
    } else {
      add("unshare", "--net", "--");
    }
  }

  private void sandbox(Path line) {
    add("bwrap", "--die-with-parent", "--new-session");
    add("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup");
    add("--ro-bind", "/usr", "/usr");
    for (String top : List.of("bin", "sbin", "lib", "lib64")) {
      Path path = Path.of("/", top);
      if (Files.isSymbolicLink(path)) {
        add("--symlink", "usr/" + top, "/" + top);
      } else if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        add("--ro-bind", "/" + top, "/" + top);
      }
    }
    add("--proc", "/proc", "--dev", "/dev");
    if (accelerator == Accelerator.KVM) {
      add("--dev-bind", "/dev/kvm", "/dev/kvm");
    }
    if (spec.nic().isPresent()) {
      // Without a word of its own bubblewrap makes the directory for root alone.
      add("--perms", "0755", "--dir", "/dev/net", "--dev-bind", "/dev/net/tun", "/dev/net/tun");
    }
    add("--ro-bind", spec.kernel().image().toString(), "/kernel");
    if (spec.kernel().initrd().isPresent()) {
      add("--ro-bind", spec.kernel().initrd().get().toString(), "/initrd");
    }
    for (int i = 0; i < spec.disks().size(); i++) {
      Disk disk = spec.disks().get(i);
      add(disk.writable() ? "--bind" : "--ro-bind", disk.file().toString(), "/disk" + i);
    }
    add("--bind", line.toString(), "/line");
    add("--remount-ro", "/", "--chdir", "/", "--clearenv", "--setenv", "PATH", "/usr/bin:/bin");
    add("--");
  }

  private void user() throws VmmFailed {
    String gid = Integer.toString(spec.user().gid());
    add("setpriv", "--reuid", Integer.toString(spec.user().uid()), "--regid", gid);
    add(accelerator == Accelerator.KVM ? "--groups=" + kvmGroup() : "--clear-groups");
    add("--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--");
    add("prlimit", "--core=0", "--nofile=1024", "--");
  }

  /** The group that may open {@code /dev/kvm}, and nothing else is asked of it. */
  private static int kvmGroup() throws VmmFailed {
    try {
      return (Integer) Files.getAttribute(Path.of("/dev/kvm"), "unix:gid");
    } catch (IOException e) {
      throw new VmmFailed("/dev/kvm is not there; load kvm-intel or kvm-amd: " + e, e);
    }
  }

  private void machine() throws VmmFailed {
    add(qemu.toString(), "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot");
    add("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
    add("-M", "microvm", "-m", spec.memoryMib() + "M", "-smp", Integer.toString(spec.vcpus()));
    String arguments = spec.kernel().arguments();
    switch (accelerator) {
      case KVM -> add("-accel", "kvm", "-cpu", "host");
      case TCG -> {
        add("-accel", "tcg,thread=multi,tb-size=" + TRANSLATION_MIB, "-cpu", "max");
        // A microvm has no other clock to measure this one by, and it is the host's. What guards
        // against tricks of a processor is of no use where there is none, and costs a second.
        arguments += " no5lvl mitigations=off tsc=reliable tsc_early_khz=" + HostClock.khz();
      }
    }
    add("-kernel", "/kernel");
    if (spec.kernel().initrd().isPresent()) {
      add("-initrd", "/initrd");
    }
    add("-append", arguments);
  }

  private void devices() {
    add("-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console");
    add("-object", "rng-random,id=random,filename=/dev/urandom");
    add("-device", "virtio-rng-device,rng=random");
    add("-device", "virtio-serial-device");
    add("-chardev", "socket,id=line,server=on,wait=off,path=" + LINE);
    add("-device", "virtserialport,chardev=line,name=holdfast");
    for (int i = 0; i < spec.disks().size(); i++) {
      Disk disk = spec.disks().get(i);
      // Nothing of it outlives the machine, so nothing waits for the host's disk.
      add(
          "-drive",
          "if=none,format=raw,cache=unsafe,id=disk%d,file=/disk%d,readonly=%s%s"
              .formatted(
                  i, i, disk.writable() ? "off" : "on", disk.rate().map(this::rate).orElse("")));
      add("-device", "virtio-blk-device,drive=disk" + i + ",serial=" + disk.serial());
    }
    if (spec.nic().isPresent()) {
      Nic nic = spec.nic().get();
      add("-netdev", "tap,id=net,ifname=" + nic.tap() + ",script=no,downscript=no,vhost=off");
      add("-device", "virtio-net-device,netdev=net,mac=" + nic.mac());
    }
  }

  private void begin(Begin begin) {
    switch (begin) {
      case BOOT -> {}
      case BOOT_TO_KEEP -> {
        add("-chardev", "socket,id=monitor,server=on,wait=off,path=" + MONITOR);
        add("-mon", "chardev=monitor,mode=control");
      }
      case RESTORE -> add("-incoming", "unix:" + STATE);
    }
  }

  private String rate(Rate rate) {
    return ",throttling.bps-total=" + rate.bytes() + ",throttling.iops-total=" + rate.operations();
  }

  private void add(String... words) {
    all.addAll(List.of(words));
  }
}

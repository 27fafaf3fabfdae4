package dev.holdfast.agent.sandbox.microvm.qemu;

import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.Workspace;
import dev.holdfast.agent.sandbox.cgroup.Cgroup;
import dev.holdfast.agent.sandbox.cgroup.Cgroups;
import dev.holdfast.agent.sandbox.microvm.vmm.Machine;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineSpec;
import dev.holdfast.agent.sandbox.microvm.vmm.Snapshot;
import dev.holdfast.agent.sandbox.microvm.vmm.Vmm;
import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import dev.holdfast.agent.sandbox.namespaces.Spawner;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** QEMU's {@code microvm}. Needs root. */
public final class QemuVmm implements Vmm {
  private static final String PROGRAM = "qemu-system-x86_64";
  private static final Pattern VERSION = Pattern.compile("version ([0-9]+\\.[0-9]+[0-9.]*)");

  /** What QEMU has beside the guest's memory and the code that it translates. */
  private static final long OVERHEAD = 256L * 1024 * 1024;

  private static final int MONITOR_PROCESSES = 256;

  /** Paths of sockets may have 107 bytes, so these are kept short. */
  private static final Path LINES = Path.of("/run/holdfast/vm");

  private final Path program;
  private final String version;
  private final Accelerator accelerator;
  private final Cgroups cgroups;
  private final Path lines;

  private QemuVmm(
      Path program, String version, Accelerator accelerator, Cgroups cgroups, Path lines) {
    this.program = program;
    this.version = version;
    this.accelerator = accelerator;
    this.cgroups = cgroups;
    this.lines = lines;
  }

  /**
   * @param data of the agent, by which its machines are told from another's
   * @throws VmmFailed if this host has not what it needs
   */
  public static QemuVmm of(Path data, Accelerator accelerator)
      throws VmmFailed, InterruptedException {
    Path program = need(PROGRAM, "qemu-system-x86");
    for (String other : List.of("bwrap", "setpriv", "prlimit", "nsenter", "unshare")) {
      need(other, other.equals("bwrap") ? "bubblewrap" : "util-linux");
    }
    if (accelerator == Accelerator.KVM && !Files.exists(Path.of("/dev/kvm"))) {
      throw new VmmFailed("/dev/kvm is not there; load kvm-intel or kvm-amd");
    }
    try {
      Cgroups cgroups = Cgroups.of(data);
      Optional<String> problem = cgroups.problem();
      if (problem.isPresent()) {
        throw new VmmFailed("machines cannot be limited: " + problem.get());
      }
      String mark = Sha256.hex(data.toRealPath().toString(), 4);
      return new QemuVmm(program, version(program), accelerator, cgroups, LINES.resolve(mark));
    } catch (IOException e) {
      throw new VmmFailed("QEMU cannot be prepared: " + e.getMessage(), e);
    }
  }

  private static Path need(String program, String debianPackage) throws VmmFailed {
    return Stream.of("/usr/bin", "/bin", "/usr/sbin", "/sbin")
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new VmmFailed(
                program + " is not installed on this host; apt-get install " + debianPackage));
  }

  private static String version(Path program) throws IOException, VmmFailed, InterruptedException {
    Process process = new ProcessBuilder(program.toString(), "--version").start();
    String said =
        new String(process.getInputStream().readNBytes(300), StandardCharsets.UTF_8).strip();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    Matcher found = VERSION.matcher(said);
    if (!found.find()) {
      throw new VmmFailed(program + " does not say its version, but " + Quote.of(said));
    }
    return found.group(1);
  }

  @Override
  public String what() {
    return switch (accelerator) {
      case KVM -> "qemu " + version + " under kvm";
      case TCG -> "qemu " + version + " under tcg (SLOW, no KVM)";
    };
  }

  @Override
  public Machine boot(MachineSpec spec) throws VmmFailed, InterruptedException {
    return start(spec, QemuCommand.Begin.BOOT);
  }

  @Override
  public Machine bootToKeep(MachineSpec spec) throws VmmFailed, InterruptedException {
    return start(spec, QemuCommand.Begin.BOOT_TO_KEEP);
  }

  private QemuMachine start(MachineSpec spec, QemuCommand.Begin begin)
      throws VmmFailed, InterruptedException {
    Cgroup cgroup;
    try {
      cgroup = cgroups.create(spec.id(), monitor(spec.limits()));
    } catch (SandboxUnavailable e) {
      throw new VmmFailed(String.valueOf(e.getMessage()), e);
    }
    Path line = lines.resolve(spec.id());
    try {
      Files.createDirectories(lines);
      for (Path up : List.of(LINES.getParent(), LINES, lines)) {
        Files.setPosixFilePermissions(up, PosixFilePermissions.fromString("rwx--x--x"));
      }
      Files.createDirectory(
          line, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Workspace.own(line, spec.user());
      var builder =
          new ProcessBuilder(QemuCommand.of(program, accelerator, spec, begin, cgroup, line))
              .directory(new java.io.File("/"));
      builder.environment().clear();
      builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
      Process process = Spawner.start(builder);
      return new QemuMachine(spec, process, cgroup, line);
    } catch (IOException e) {
      throw undone(cgroup, line, new VmmFailed("QEMU does not start: " + e.getMessage(), e));
    } catch (VmmFailed e) {
      throw undone(cgroup, line, e);
    } catch (InterruptedException e) {
      try {
        cgroup.destroy();
        QemuMachine.remove(line);
      } catch (IOException f) {
        e.addSuppressed(f);
      }
      throw e;
    }
  }

  private static VmmFailed undone(Cgroup cgroup, Path line, VmmFailed why) {
    try {
      cgroup.destroy();
      QemuMachine.remove(line);
    } catch (IOException e) {
      why.addSuppressed(e);
    }
    return why;
  }

  /** The guest has what the job may have; around it, QEMU has what it needs for that. */
  private Limits monitor(Limits guest) {
    long translated =
        accelerator == Accelerator.TCG ? QemuCommand.TRANSLATION_MIB * 1024L * 1024 : 0;
    return new Limits(
        guest.memory() + OVERHEAD + translated, guest.cpus(), MONITOR_PROCESSES, guest.scratch());
  }

  @Override
  public Machine restore(Snapshot from, MachineSpec spec) throws VmmFailed, InterruptedException {
    QemuMachine machine = start(spec, QemuCommand.Begin.RESTORE);
    try {
      machine.load(from.state());
      return machine;
    } catch (VmmFailed | InterruptedException e) {
      try {
        machine.close();
      } catch (VmmFailed f) {
        e.addSuppressed(f);
      }
      throw e;
    }
  }

  @Override
  public List<String> leftovers() throws VmmFailed {
    try {
      var found = new ArrayList<String>();
      for (Cgroup left : cgroups.leftovers()) {
        found.add(left.toString());
      }
      for (Path line : lines()) {
        found.add(line.toString());
      }
      return found;
    } catch (IOException e) {
      throw new VmmFailed("what an earlier agent left cannot be read: " + e, e);
    }
  }

  private List<Path> lines() throws IOException {
    if (!Files.isDirectory(lines)) {
      return List.of();
    }
    try (var listed = Files.newDirectoryStream(lines)) {
      var found = new ArrayList<Path>();
      listed.forEach(found::add);
      return found;
    }
  }

  @Override
  public void removeLeftovers() throws VmmFailed {
    try {
      for (Cgroup left : cgroups.leftovers()) {
        left.destroy();
      }
      for (Path line : lines()) {
        QemuMachine.remove(line);
      }
    } catch (IOException e) {
      throw new VmmFailed("what an earlier agent left cannot be removed: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    cgroups.close();
    try {
      Files.deleteIfExists(lines);
    } catch (IOException e) {
      // Not empty: a machine that was not closed, which the next start of this agent removes.
      return;
    }
  }
}

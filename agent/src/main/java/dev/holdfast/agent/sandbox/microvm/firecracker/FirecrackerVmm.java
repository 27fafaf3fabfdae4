package dev.holdfast.agent.sandbox.microvm.firecracker;

import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.cgroup.Cgroup;
import dev.holdfast.agent.sandbox.cgroup.Cgroups;
import dev.holdfast.agent.sandbox.microvm.firecracker.FirecrackerVersion.Feature;
import dev.holdfast.agent.sandbox.microvm.vmm.Disk;
import dev.holdfast.agent.sandbox.microvm.vmm.Machine;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineSpec;
import dev.holdfast.agent.sandbox.microvm.vmm.Nic;
import dev.holdfast.agent.sandbox.microvm.vmm.Rate;
import dev.holdfast.agent.sandbox.microvm.vmm.Snapshot;
import dev.holdfast.agent.sandbox.microvm.vmm.Vmm;
import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Machines by Firecracker, each behind its jailer.
 *
 * <p>What is asked of a monitor is in {@link ApiCall} and nowhere else, and goes out in one order:
 * processors and memory, kernel, disks, network, vsock, entropy, serial line, start. To restore, it
 * is serial line and snapshot. In every jail the same things have the same names, so that a
 * snapshot finds its disks and its vsock socket wherever it wakes up, and no override is needed for
 * them.
 */
public final class FirecrackerVmm implements Vmm {
  /** In a jail. */
  static final String VSOCK = "/v";

  static final String MEMORY = "/memory";
  static final String STATE = "/state";
  private static final String KERNEL = "/kernel";
  private static final String INITRD = "/initrd";
  private static final String CARD = "eth0";

  /** The host is 2; each machine has a host of its own, so all may have the same. */
  private static final int GUEST_CID = 3;

  /** What a guest may write to its serial line: at once, and in a second after that. */
  private static final long SERIAL_BURST = 1024 * 1024;

  private static final long SERIAL_A_SECOND = 64 * 1024;

  /**
   * What a monitor has beside the guest's memory. Its own is some megabytes; its jail's files, the
   * disks among them, are written through the host's cache, which the kernel counts as well.
   */
  private static final long OVERHEAD = 128L * 1024 * 1024;

  /** Monitor, jailer, two shells, and a thread for each of the most processors. */
  private static final int MONITOR_PROCESSES = 256;

  /** On which the guest agent listens: {@code VSOCK_PORT} of {@code guest/guest.h}. */
  private static final int GUEST_PORT = 5000;

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(FirecrackerVmm.class);

  private final FirecrackerSettings settings;
  private final Cgroups cgroups;
  private final FirecrackerVersion version;
  private final Jailer jailer;
  private final boolean ownCgroups;
  private final Set<String> living = ConcurrentHashMap.newKeySet();

  private FirecrackerVmm(
      FirecrackerSettings settings,
      Cgroups cgroups,
      FirecrackerVersion version,
      boolean ownCgroups) {
    this.ownCgroups = ownCgroups;
    this.settings = settings;
    this.cgroups = cgroups;
    this.version = version;
    this.jailer = new Jailer(settings.jailer(), settings.firecracker(), settings.jails());
  }

  /**
   * For an agent: jails are in its data directory, and its cgroups are closed with this.
   *
   * @throws VmmFailed if this host cannot run machines so
   */
  public static FirecrackerVmm of(Path data, Path firecracker, Path jailer)
      throws VmmFailed, InterruptedException {
    try {
      Path jails = Files.createDirectories(data.resolve("jail"));
      return open(
          new FirecrackerSettings(firecracker, jailer, jails, GUEST_PORT, PATIENCE),
          Cgroups.of(data),
          true);
    } catch (IOException e) {
      throw new VmmFailed("Firecracker cannot be prepared: " + e.getMessage(), e);
    }
  }

  /**
   * Looks whether the two programs are there and belong together; starts no machine.
   *
   * @param cgroups the agent's; a machine's is named as the machine
   * @throws VmmFailed if this host cannot run machines so
   */
  public static FirecrackerVmm open(FirecrackerSettings settings, Cgroups cgroups)
      throws VmmFailed, InterruptedException {
    return open(settings, cgroups, false);
  }

  private static FirecrackerVmm open(
      FirecrackerSettings settings, Cgroups cgroups, boolean ownCgroups)
      throws VmmFailed, InterruptedException {
    FirecrackerVersion version = version("Firecracker", settings.firecracker());
    FirecrackerVersion jailer = version("Jailer", settings.jailer());
    if (!version.equals(jailer)) {
      throw new VmmFailed(
          settings.firecracker()
              + " is version "
              + version
              + ", and "
              + settings.jailer()
              + " is version "
              + jailer
              + "; install both of one release");
    }
    Optional<String> problem = cgroups.problem();
    if (problem.isPresent()) {
      throw new VmmFailed("a machine's memory and processors cannot be limited: " + problem.get());
    }
    return new FirecrackerVmm(settings, cgroups, version, ownCgroups);
  }

  private static FirecrackerVersion version(String name, Path program)
      throws VmmFailed, InterruptedException {
    if (!Files.isExecutable(program)) {
      throw new VmmFailed(
          "there is no program "
              + program
              + "; install Firecracker, with its jailer, or say where they are");
    }
    // "Firecracker v1.16.1", and more lines in some versions.
    String said = Tool.run(program.toString(), "--version");
    String first = said.lines().findFirst().orElse("");
    if (!first.startsWith(name + " ")) {
      throw new VmmFailed(
          program + " --version says " + Quote.of(first) + "; expected " + name + " v1.16.1 or so");
    }
    return FirecrackerVersion.of(first.substring(name.length() + 1).strip());
  }

  /** The guest has what the job may have; around it, the monitor has what it needs for that. */
  static Limits around(Limits guest) {
    return new Limits(
        guest.memory() + OVERHEAD, guest.cpus(), MONITOR_PROCESSES, guest.scratch(), guest.disk());
  }

  @Override
  public String what() {
    return "firecracker " + version;
  }

  @Override
  public Machine boot(MachineSpec spec) throws VmmFailed, InterruptedException {
    return launch(
        spec,
        jail -> {
          jail.share(spec.kernel().image(), KERNEL, spec.user());
          if (spec.kernel().initrd().isPresent()) {
            jail.share(spec.kernel().initrd().get(), INITRD, spec.user());
          }
        },
        machine -> cold(spec, machine));
  }

  @Override
  public Machine restore(Snapshot from, MachineSpec spec) throws VmmFailed, InterruptedException {
    return launch(
        spec,
        jail -> {
          jail.share(from.memory(), MEMORY, spec.user());
          jail.share(from.state(), STATE, spec.user());
        },
        machine -> wake(spec, machine));
  }

  /** Calls of the API, in their order. */
  private interface Calls {
    void make(FirecrackerMachine machine) throws VmmFailed, InterruptedException;
  }

  private Machine launch(MachineSpec spec, FirecrackerMachine.Filling files, Calls calls)
      throws VmmFailed, InterruptedException {
    if (!living.add(spec.id())) {
      throw new VmmFailed("there is a machine " + spec.id() + " already; give this one another id");
    }
    FirecrackerMachine machine;
    try {
      Jail jail = Jail.at(settings.jails(), settings.firecracker(), spec.id());
      machine =
          new FirecrackerMachine(spec, settings, jail, cgroups, () -> living.remove(spec.id()));
    } catch (IOException e) {
      living.remove(spec.id());
      throw new VmmFailed("cannot find " + settings.firecracker() + ": " + e.getMessage(), e);
    }
    try {
      machine.start(
          jailer,
          jail -> {
            files.fill(jail);
            for (Disk disk : spec.disks()) {
              if (disk.writable()) {
                jail.give(disk.file(), inJail(disk), spec.user());
              } else {
                jail.share(disk.file(), inJail(disk), spec.user());
              }
            }
          });
      calls.make(machine);
      return machine;
    } catch (VmmFailed e) {
      VmmFailed told = machine.explained(e);
      closeAfter(machine, told);
      throw told;
    } catch (InterruptedException | RuntimeException e) {
      closeAfter(machine, e);
      throw e;
    }
  }

  private static void closeAfter(FirecrackerMachine machine, Exception first) {
    try {
      machine.close();
    } catch (VmmFailed e) {
      first.addSuppressed(e);
    }
  }

  private static String inJail(Disk disk) {
    return "/disk-" + disk.serial();
  }

  private void cold(MachineSpec spec, FirecrackerMachine machine)
      throws VmmFailed, InterruptedException {
    FirecrackerVersion has = same(machine.version());
    machine.call(new ApiCall.MachineConfig(spec.vcpus(), spec.memoryMib(), false));
    machine.call(
        new ApiCall.BootSource(
            KERNEL, spec.kernel().initrd().map(_ -> INITRD), arguments(spec.kernel().arguments())));
    for (Disk disk : spec.disks()) {
      machine.call(
          new ApiCall.Drive(
              disk.serial(),
              false,
              !disk.writable(),
              inJail(disk),
              disk.rate().map(FirecrackerVmm::limiter)));
    }
    if (spec.nic().isPresent()) {
      Nic nic = spec.nic().get();
      Optional<ApiCall.RateLimiter> rate = nic.rate().map(FirecrackerVmm::limiter);
      machine.call(new ApiCall.NetworkInterface(CARD, nic.tap(), nic.mac(), rate, rate));
    }
    machine.call(new ApiCall.Vsock(GUEST_CID, VSOCK));
    machine.call(new ApiCall.Entropy(Optional.empty()));
    serial(has, machine);
    machine.call(ApiCall.Action.START);
  }

  private void wake(MachineSpec spec, FirecrackerMachine machine)
      throws VmmFailed, InterruptedException {
    FirecrackerVersion has = same(machine.version());
    // A snapshot does not keep it.
    serial(has, machine);
    List<ApiCall.NetworkOverride> taps =
        has.has(Feature.NETWORK_OVERRIDES)
            ? spec.nic().stream().map(nic -> new ApiCall.NetworkOverride(CARD, nic.tap())).toList()
            : List.of();
    Optional<Json> clock =
        has.has(Feature.CLOCK_REALTIME) ? Optional.of(new Json.Bool(true)) : Optional.empty();
    machine.call(
        new ApiCall.SnapshotLoad(STATE, new ApiCall.MemBackend("File", MEMORY), true, taps, clock));
  }

  /** Snapshots are kept under the version that this object says it is. */
  private FirecrackerVersion same(FirecrackerVersion answered) throws VmmFailed {
    if (!answered.equals(version)) {
      throw new VmmFailed(
          settings.firecracker()
              + " was version "
              + version
              + " when the agent started, and is "
              + answered
              + " now; restart the agent");
    }
    return answered;
  }

  private static void serial(FirecrackerVersion has, FirecrackerMachine machine)
      throws VmmFailed, InterruptedException {
    // Before this version a guest may write as fast as its processor lets it; what is kept of it is
    // bounded all the same.
    if (has.has(Feature.SERIAL) && has.has(Feature.SERIAL_RATE)) {
      machine.call(
          new ApiCall.Serial(
              Optional.of(
                  new ApiCall.TokenBucket(
                      SERIAL_A_SECOND, Optional.of(Json.Num.of(SERIAL_BURST)), 1000))));
    }
  }

  /**
   * A guest that restarts ends its monitor only by the keyboard controller, which is all it has.
   */
  private static String arguments(String given) {
    return (" " + given + " ").contains(" reboot=") ? given : given.strip() + " reboot=k";
  }

  private static ApiCall.RateLimiter limiter(Rate rate) {
    return new ApiCall.RateLimiter(
        ApiCall.TokenBucket.aSecond(rate.bytes()), ApiCall.TokenBucket.aSecond(rate.operations()));
  }

  @Override
  public List<String> leftovers() throws VmmFailed {
    var found = new ArrayList<String>();
    for (Path jail : leftJails()) {
      found.add("the jail " + jail);
      for (String group : cgroups.named(name(jail))) {
        found.add("the cgroup " + group);
        try {
          for (String pid : Files.readAllLines(Path.of(group, "cgroup.procs"))) {
            found.add("the process " + pid + " in " + group);
          }
        } catch (IOException e) {
          throw new VmmFailed("the cgroup " + group + " cannot be read: " + e.getMessage(), e);
        }
      }
    }
    return found;
  }

  @Override
  public void removeLeftovers() throws VmmFailed {
    for (Path jail : leftJails()) {
      try {
        for (Cgroup group : cgroups.leftovers()) {
          if (group.name().equals(name(jail))) {
            group.destroy();
          }
        }
        new Jail(jail, jail.resolve("root")).remove();
        LOG.info("removed what an earlier agent left of the machine {}", name(jail));
      } catch (IOException e) {
        throw new VmmFailed(
            "what is left of the machine " + name(jail) + " cannot be removed: " + e.getMessage(),
            e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new VmmFailed("interrupted while leftovers were removed", e);
      }
    }
  }

  private static String name(Path jail) {
    return String.valueOf(jail.getFileName());
  }

  /** A machine has its jail before its cgroup, and its cgroup is gone before its jail. */
  private List<Path> leftJails() throws VmmFailed {
    var found = new ArrayList<Path>();
    try {
      for (Path program : below(settings.jails())) {
        for (Path jail : below(program)) {
          if (!living.contains(name(jail))) {
            found.add(jail);
          }
        }
      }
    } catch (IOException e) {
      throw new VmmFailed(
          "the jails in " + settings.jails() + " cannot be listed: " + e.getMessage(), e);
    }
    return found;
  }

  private static List<Path> below(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    try (var listed = Files.list(directory)) {
      return listed.sorted().toList();
    }
  }

  @Override
  public void close() {
    if (ownCgroups) {
      cgroups.close();
    }
    try {
      for (Path program : below(settings.jails())) {
        if (below(program).isEmpty()) {
          Files.delete(program);
        }
      }
    } catch (IOException e) {
      // An empty directory of root's; the next agent uses it again.
      LOG.warn("an empty directory is left in {}: {}", settings.jails(), e.getMessage());
    }
  }
}

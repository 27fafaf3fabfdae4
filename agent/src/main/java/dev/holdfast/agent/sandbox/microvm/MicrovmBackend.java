package dev.holdfast.agent.sandbox.microvm;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Readiness;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxBackend;
import dev.holdfast.agent.sandbox.SandboxPaths;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.microvm.firecracker.FirecrackerVmm;
import dev.holdfast.agent.sandbox.microvm.image.BadImage;
import dev.holdfast.agent.sandbox.microvm.image.MachineImage;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import dev.holdfast.agent.sandbox.microvm.qemu.Accelerator;
import dev.holdfast.agent.sandbox.microvm.qemu.QemuVmm;
import dev.holdfast.agent.sandbox.microvm.snapshot.SnapshotStore;
import dev.holdfast.agent.sandbox.microvm.vmm.Vmm;
import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import dev.holdfast.agent.sandbox.namespaces.Slots;
import dev.holdfast.model.digest.Sha256;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.wire.agent.AgentApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sandboxes that are machines, each with a kernel, memory, devices and a root file system of its
 * own. Needs root, and an image that {@code holdfast image build} made.
 *
 * <p>That {@code /dev/kvm} opens does not say that a machine runs: {@link #check} starts one, with
 * a deadline, and what it saw decides what starts the others.
 */
public final class MicrovmBackend implements SandboxBackend {
  private static final int TRIAL_MEMORY_MIB = 512;
  private static final long MIB = 1024 * 1024;

  private final Path data;
  private final MicrovmSettings settings;
  private final InstantSource clock;
  private final MachineImages images;
  private final UpperDisks uppers;
  private final Slots slots = new Slots(Path.of("/run/holdfast/users"));
  private final SnapshotStore snapshots;
  private final Consumer<MachineStart> started;
  private final String prefix;
  private @Nullable Driver driver;
  private @Nullable Ahead ahead;
  private boolean tried;

  /** Under KVM. */
  private static final Duration BOOT = Duration.ofSeconds(10);

  /** How machines might be started here, for people and as code. */
  private record Way(String name, Making driver) {}

  private interface Making {
    Driver make() throws VmmFailed, InterruptedException;
  }

  /**
   * What starts machines here.
   *
   * @param boot how long a guest may take until it speaks
   */
  public record Driver(Vmm vmm, Duration boot) {
    /**
     * A machine that takes longer than this under KVM does not run, whatever {@code /dev/kvm} is.
     */
    static Driver qemu(Path data, Accelerator accelerator) throws VmmFailed, InterruptedException {
      return new Driver(
          QemuVmm.of(data, accelerator),
          switch (accelerator) {
            case KVM -> BOOT;
            case TCG -> Duration.ofMinutes(3);
          });
    }

    static Driver firecracker(Path data, MicrovmSettings.Firecracker programs)
        throws VmmFailed, InterruptedException {
      return new Driver(FirecrackerVmm.of(data, programs.firecracker(), programs.jailer()), BOOT);
    }
  }

  /**
   * @param data the agent's data directory
   * @param clock by which guests set theirs
   */
  public MicrovmBackend(Path data, MicrovmSettings settings, InstantSource clock)
      throws IOException {
    this(data, settings, clock, start -> {});
  }

  /**
   * @param started hears how each machine of a job was started
   */
  public MicrovmBackend(
      Path data, MicrovmSettings settings, InstantSource clock, Consumer<MachineStart> started)
      throws IOException {
    this.data = data;
    this.settings = settings;
    this.clock = clock;
    this.images = new MachineImages(data);
    this.uppers = new UpperDisks(data);
    this.snapshots = new SnapshotStore(data);
    this.started = started;
    this.prefix = prefix(data);
  }

  /** With machines started by {@code driver}, which is not tried first. */
  MicrovmBackend(
      Path data,
      MicrovmSettings settings,
      InstantSource clock,
      Driver driver,
      Consumer<MachineStart> started)
      throws IOException {
    this(data, settings, clock, started);
    this.driver = driver;
  }

  /** Of the names of all its machines: no agent of a host touches another's. */
  static String prefix(Path data) throws IOException {
    return "hfvm" + Sha256.hex(data.toRealPath().toString(), 4) + "-";
  }

  @Override
  public AgentApi.Backend kind() {
    return AgentApi.Backend.MICROVM;
  }

  @Override
  public synchronized Readiness check() {
    if (!HostUser.self().isRoot()) {
      return new Readiness.Unusable(
          "machines need users, network namespaces and cgroups of their own, which only root makes",
          "run the agent as root");
    }
    try {
      MachineImage image = images.named(settings.image());
      List<String> problems = images.verify(image).problems();
      if (!problems.isEmpty()) {
        return new Readiness.Unusable(
            "the image " + image.name() + " is damaged: " + problems.getFirst(),
            "build it again by `holdfast image build`");
      }
      Driver by = driver();
      if (!tried) {
        tryOne(by);
        tried = true;
      }
      return new Readiness.Usable(
          by.vmm().what()
              + ", image "
              + image.name()
              + " with Linux "
              + image.kernelVersion()
              + ", each job as a machine of its own");
    } catch (BadImage e) {
      return new Readiness.Unusable(
          String.valueOf(e.getMessage()), "make an image by `holdfast image build`");
    } catch (SandboxUnavailable e) {
      return new Readiness.Unusable(
          "a trial machine failed: " + e.getMessage(),
          "use a host with KVM, or say `microvm: {tcg: allow}` in the agent's policy for machines"
              + " that are slow, or choose another backend");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Readiness.Unusable("interrupted while trying a machine", "try again");
    }
  }

  /** What a trial machine ran under; tried once. */
  private synchronized Driver driver() throws SandboxUnavailable, InterruptedException {
    Driver known = driver;
    if (known != null) {
      return known;
    }
    var saw = new ArrayList<String>();
    for (Way way : ways()) {
      try {
        Driver made = way.driver().make();
        try {
          tryOne(made);
          driver = made;
          tried = true;
          return made;
        } catch (SandboxUnavailable e) {
          made.vmm().close();
          saw.add(way.name() + ": " + e.getMessage());
        }
      } catch (VmmFailed e) {
        saw.add(way.name() + ": " + e.getMessage());
      }
    }
    throw new SandboxUnavailable(String.join("; and ", saw));
  }

  /** In the order in which they are tried; what the operator did not name is not among them. */
  private List<Way> ways() {
    Way kvm =
        settings
            .firecracker()
            .map(it -> new Way("firecracker", () -> Driver.firecracker(data, it)))
            .orElseGet(() -> new Way("kvm", () -> Driver.qemu(data, Accelerator.KVM)));
    var tcg = new Way("tcg", () -> Driver.qemu(data, Accelerator.TCG));
    return switch (settings.tcg()) {
      case REFUSE -> List.of(kvm);
      case ALLOW -> List.of(kvm, tcg);
      case ONLY -> List.of(tcg);
    };
  }

  private void tryOne(Driver by) throws SandboxUnavailable, InterruptedException {
    JobDirectories directories;
    Path directory;
    try {
      directories = new JobDirectories(data);
      directory =
          directories.create("check-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
    } catch (IOException e) {
      throw new SandboxUnavailable("a directory cannot be made: " + e.getMessage(), e);
    }
    Limits usual = Limits.standard();
    var spec =
        new SandboxSpec(
            "check",
            directory,
            directory,
            Optional.empty(),
            new Limits(TRIAL_MEMORY_MIB * MIB, 1000, usual.pids(), usual.scratch(), 64 * MIB),
            Optional.empty(),
            List.of("/bin/sh", "-c", "test -w " + SandboxPaths.WORKSPACE + " && test ! -w /usr"),
            Map.of("PATH", "/usr/bin:/bin"));
    try (Sandbox sandbox = create(spec, by, null, start -> {})) {
      sandbox.handOver();
      sandbox.start();
      int exit = sandbox.exited().get(by.boot().toSeconds(), TimeUnit.SECONDS);
      if (exit != 0) {
        throw new SandboxUnavailable(
            "its first program ended with " + exit + ": " + sandbox.diagnostics());
      }
    } catch (SandboxRefused | ExecutionException | TimeoutException e) {
      throw new SandboxUnavailable(e.toString(), e);
    } finally {
      remove(directories, directory);
    }
  }

  private static void remove(JobDirectories directories, Path directory)
      throws SandboxUnavailable, InterruptedException {
    try {
      directories.remove(directory);
    } catch (IOException e) {
      throw new SandboxUnavailable("cannot remove " + directory + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Sandbox create(SandboxSpec spec)
      throws SandboxUnavailable, SandboxRefused, InterruptedException {
    Driver by = driver();
    return create(spec, by, ahead(by), started);
  }

  /** What is made before it is wanted, from the first job on. */
  private synchronized @Nullable Ahead ahead(Driver by) {
    if (ahead == null && settings.warm().snapshots()) {
      ahead = new Ahead(host(by), settings.warm(), data, prefix, snapshots);
    }
    return ahead;
  }

  private MachineHost host(Driver by) {
    return new MachineHost(images, uppers, slots, by, clock);
  }

  /** How many machines wait for a job. */
  public synchronized int waiting() {
    Ahead made = ahead;
    return made == null ? 0 : made.waiting();
  }

  private Sandbox create(
      SandboxSpec spec, Driver by, @Nullable Ahead from, Consumer<MachineStart> heard)
      throws SandboxUnavailable, SandboxRefused {
    if (!spec.services().isEmpty()) {
      throw new SandboxRefused(
          "the job has the service "
              + spec.services().getFirst().service().name()
              + ", and services run beside containers only; run the job on an agent with the"
              + " backend container, or remove its services");
    }
    if (spec.root()) {
      throw new SandboxRefused(
          "the job wants to be root, which only a container can give it; remove root from the job,"
              + " or run it on an agent with containers");
    }
    MachineImage image = image(spec);
    var shape = new Shape(image, spec.limits(), spec.nameserver().isPresent());
    MachineHost host = host(by);
    Optional<Housed> waited = from == null ? Optional.empty() : from.take(shape);
    Housed machine =
        waited.isPresent() ? waited.get() : Housed.take(host, id(spec), spec.directory(), shape);
    if (from != null) {
      from.wanted(shape);
    }
    return new MicrovmSandbox(spec, machine, host, from, heard);
  }

  /** By its attempt, whose directory is no other's. */
  private String id(SandboxSpec spec) {
    return prefix + Sha256.hex(spec.directory().getFileName().toString(), 6);
  }

  private MachineImage image(SandboxSpec spec) throws SandboxUnavailable, SandboxRefused {
    try {
      List<MachineImage> all = images.list();
      for (MachineImage each : all) {
        if (spec.pinned().filter(each.id()::equals).isPresent()) {
          return withRunner(each, spec);
        }
      }
      if (spec.image().isPresent()
          && all.stream().noneMatch(i -> i.name().equals(spec.image().get()))) {
        throw new SandboxRefused(
            "the job names the image "
                + Quote.of(spec.image().get())
                + ", and this agent's backend microvm has no image of that name (`holdfast image"
                + " list` on its host); give the job a label of an agent that has, or make it by"
                + " `holdfast image build`");
      }
      return withRunner(images.named(spec.image().orElse(settings.image())), spec);
    } catch (BadImage e) {
      throw new SandboxUnavailable(String.valueOf(e.getMessage()), e);
    }
  }

  /** The runner in the image must be the one that this agent speaks with. */
  private static MachineImage withRunner(MachineImage image, SandboxSpec spec)
      throws SandboxUnavailable {
    Path version = spec.distribution().resolve("VERSION");
    try {
      if (Files.exists(version) && !Files.readString(version).strip().equals(image.runner())) {
        throw new SandboxUnavailable(
            "the image "
                + image.name()
                + " has the runner of another release of Holdfast than this agent; build it again"
                + " by `holdfast image build`");
      }
      return image;
    } catch (SandboxUnavailable e) {
      throw e;
    } catch (IOException e) {
      throw new SandboxUnavailable("cannot read " + version + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void reconcile() throws SandboxUnavailable {
    try {
      driver().vmm().removeLeftovers();
    } catch (VmmFailed e) {
      throw new SandboxUnavailable(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxUnavailable("interrupted while machines were removed", e);
    }
    MachineNetwork.removeAll(prefix);
    try {
      Ahead.removeLeftovers(data);
      snapshots.removeUnfinished();
    } catch (IOException e) {
      throw new SandboxUnavailable(
          "what an earlier agent had made ahead cannot be removed: " + e, e);
    }
  }

  @Override
  public synchronized void close() {
    Ahead making = ahead;
    if (making != null) {
      making.close();
      ahead = null;
    }
    Driver made = driver;
    if (made != null) {
      made.vmm().close();
      driver = null;
      tried = false;
    }
  }
}

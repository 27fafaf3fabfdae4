package dev.holdfast.agent.sandbox.microvm;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.microvm.guest.GuestFailed;
import dev.holdfast.agent.sandbox.microvm.guest.GuestSession;
import dev.holdfast.agent.sandbox.microvm.vmm.Disk;
import dev.holdfast.agent.sandbox.microvm.vmm.Kernel;
import dev.holdfast.agent.sandbox.microvm.vmm.Machine;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineSpec;
import dev.holdfast.agent.sandbox.microvm.vmm.Nic;
import dev.holdfast.agent.sandbox.microvm.vmm.Snapshot;
import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import dev.holdfast.agent.sandbox.namespaces.Leftovers;
import dev.holdfast.agent.sandbox.namespaces.Slots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A machine with all that it has of this host: a user, a disk, a network namespace, a monitor and
 * the line to its guest. It knows of no job: with its identity it can wait for one, and without it
 * can be kept for others to start from.
 *
 * <p>Order of calls: {@link #up} or {@link #keep} once; {@link #close} always. {@link #kill},
 * {@link #lives} and {@link #console} at any time, by any thread.
 */
final class Housed implements AutoCloseable {
  /** What the kernel is told. Part of what a snapshot depends on. */
  static final String ARGUMENTS = "console=ttyS0 panic=-1 quiet";

  /** Of the card as a machine boots; each gets its own by its first word. */
  private static final String CARD = "02:68:67:00:00:02";

  private static final int SHOWN = 1500;

  private final MachineHost host;
  private final String id;
  private final Path directory;
  private final Shape shape;
  private final Slots.Slot slot;
  private volatile @Nullable Machine machine;
  private volatile @Nullable GuestSession session;
  private volatile boolean killed;
  private volatile @Nullable MachineStart start;
  private @Nullable MachineNetwork network;
  private boolean slotGiven;

  private Housed(MachineHost host, String id, Path directory, Shape shape, Slots.Slot slot) {
    this.host = host;
    this.id = id;
    this.directory = directory;
    this.shape = shape;
    this.slot = slot;
  }

  /**
   * Takes a user for it; nothing else is made yet.
   *
   * @param id unlike any other's of this host
   * @param directory of its disk, its own, and its maker's to remove
   */
  static Housed take(MachineHost host, String id, Path directory, Shape shape)
      throws SandboxUnavailable {
    Slots.Slot slot = host.slots().take();
    try {
      Leftovers.end(slot.user());
      return new Housed(host, id, directory, shape, slot);
    } catch (SandboxUnavailable e) {
      try {
        slot.close();
      } catch (IOException f) {
        e.addSuppressed(f);
      }
      throw e;
    }
  }

  String id() {
    return id;
  }

  Path directory() {
    return directory;
  }

  Shape shape() {
    return shape;
  }

  HostUser user() {
    return slot.user();
  }

  /** How it started; only once {@link #up} is done. */
  MachineStart start() {
    MachineStart known = start;
    if (known == null) {
      throw new IllegalStateException("the machine " + id + " is not up");
    }
    return known;
  }

  Optional<MachineNetwork> network() {
    return Optional.ofNullable(network);
  }

  Optional<Machine> machine() {
    return Optional.ofNullable(machine);
  }

  Optional<GuestSession> session() {
    return Optional.ofNullable(session);
  }

  private Path upper() {
    return directory.resolve("upper.ext4");
  }

  private MachineSpec spec() {
    return new MachineSpec(
        id,
        directory,
        new Kernel(
            host.images().kernel(shape.image()),
            Optional.of(host.images().initramfs(shape.image())),
            ARGUMENTS),
        List.of(
            new Disk("base", host.images().base(shape.image()), false, Optional.empty()),
            new Disk("upper", upper(), true, Optional.empty())),
        network == null
            ? Optional.empty()
            : Optional.of(new Nic(MachineNetwork.TAP, CARD, Optional.empty())),
        Optional.ofNullable(network).map(MachineNetwork::path),
        shape.vcpus(),
        shape.memoryMib(),
        slot.user(),
        shape.limits());
  }

  private void disk() throws SandboxUnavailable {
    host.uppers().make(upper(), shape.limits().disk(), slot.user());
  }

  private void card() throws SandboxUnavailable {
    if (shape.network()) {
      network = MachineNetwork.make(id, slot.user());
    }
  }

  /**
   * Starts it, and gives the guest what makes it unlike any other.
   *
   * @param from what it is restored from; where absent, its kernel boots
   */
  void up(Optional<Snapshot> from) throws SandboxUnavailable, InterruptedException {
    long began = System.nanoTime();
    disk();
    long disk = System.nanoTime();
    card();
    long prepared = System.nanoTime();
    try {
      Machine starting =
          from.isPresent()
              ? host.driver().vmm().restore(from.get(), spec())
              : host.driver().vmm().boot(spec());
      begun(starting);
      var guest = new GuestSession(starting.connect(host.driver().boot()));
      session = guest;
      long running = System.nanoTime();
      guest.ready("job", host.clock().instant(), host.driver().boot());
      start =
          new MachineStart(
              from.isPresent() ? MachineStart.How.RESTORED : MachineStart.How.BOOTED,
              Duration.ofNanos(disk - began),
              Duration.ofNanos(prepared - disk),
              Duration.ofNanos(running - prepared),
              Duration.ofNanos(System.nanoTime() - running));
    } catch (VmmFailed | GuestFailed e) {
      throw new SandboxUnavailable(
          "the machine does not start: " + e.getMessage() + ended() + console(), e);
    }
  }

  private void begun(Machine starting) {
    machine = starting;
    if (killed) {
      starting.kill();
    }
    var _ = starting.ended().thenRun(this::machineEnded);
  }

  /** Through the session, where there is one: then whoever hears of the end finds its reason. */
  private void machineEnded() {
    GuestSession guest = session;
    if (guest != null) {
      guest.gone();
    }
  }

  /**
   * Boots it until its guest waits for a first word, stops it there, and keeps it. It ends by that.
   *
   * @param into a directory of the snapshot's own
   */
  Snapshot keep(Path into) throws SandboxUnavailable, InterruptedException {
    disk();
    card();
    try {
      Machine starting = host.driver().vmm().bootToKeep(spec());
      begun(starting);
      try (var guest = new GuestSession(starting.connect(host.driver().boot()))) {
        session = guest;
        guest.keep(host.driver().boot());
      }
      return starting.snapshot(into);
    } catch (VmmFailed | GuestFailed e) {
      throw new SandboxUnavailable(
          "the machine cannot be kept: " + e.getMessage() + ended() + console(), e);
    } catch (IOException e) {
      throw new SandboxUnavailable(
          "the line to the guest of " + id + " cannot be closed: " + e.getMessage(), e);
    }
  }

  /** Whether it can still take a job. */
  boolean lives() {
    Machine made = machine;
    GuestSession guest = session;
    return !killed && made != null && !made.ended().isDone() && guest != null && !guest.collapsed();
  }

  /** How the machine ended, if it did, as the end of a sentence. */
  String ended() {
    Machine made = machine;
    try {
      // The line ends a moment before the process does.
      return made == null ? "" : "; " + made.ended().get(1, TimeUnit.SECONDS).words();
    } catch (TimeoutException e) {
      return "; its monitor runs on";
    } catch (ExecutionException e) {
      return "; " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  /** The end of what its guest's kernel said, as the end of a sentence. */
  String console() {
    Machine made = machine;
    String text = made == null ? "" : made.console().strip();
    if (text.isEmpty()) {
      return "; its console is empty";
    }
    return "; the end of its console: "
        + (text.length() > SHOWN ? "…" + text.substring(text.length() - SHOWN) : text);
  }

  boolean killed() {
    return killed;
  }

  void kill() {
    killed = true;
    Machine made = machine;
    if (made != null) {
      made.kill();
    }
  }

  /** Ends what {@link #up} started, so that it can be called again; its user it keeps. */
  void down() throws SandboxUnavailable {
    free();
    session = null;
    machine = null;
    network = null;
  }

  private void free() throws SandboxUnavailable {
    try {
      GuestSession guest = session;
      if (guest != null) {
        guest.close();
      }
      Machine made = machine;
      if (made != null) {
        made.close();
      }
      MachineNetwork joined = network;
      if (joined != null) {
        joined.remove();
      }
      if (!slotGiven) {
        Leftovers.end(slot.user());
        Files.deleteIfExists(upper());
      }
    } catch (VmmFailed e) {
      throw new SandboxUnavailable(String.valueOf(e.getMessage()), e);
    } catch (SandboxUnavailable e) {
      throw e;
    } catch (IOException e) {
      throw notGone(e);
    }
  }

  private SandboxUnavailable notGone(IOException e) {
    return new SandboxUnavailable("the machine " + id + " is not all gone: " + e.getMessage(), e);
  }

  /**
   * Ends it, and sees that all that it had of this host is free again. May be called again where
   * that failed; how it ended can still be asked.
   */
  @Override
  public void close() throws SandboxUnavailable {
    kill();
    free();
    if (!slotGiven) {
      try {
        slot.close();
        slotGiven = true;
      } catch (IOException e) {
        throw notGone(e);
      }
    }
  }
}

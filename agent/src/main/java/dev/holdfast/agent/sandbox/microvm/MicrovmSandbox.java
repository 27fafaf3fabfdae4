package dev.holdfast.agent.sandbox.microvm;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.microvm.guest.GuestFailed;
import dev.holdfast.agent.sandbox.microvm.guest.GuestSession;
import dev.holdfast.agent.sandbox.microvm.image.MachineImage;
import dev.holdfast.agent.sandbox.microvm.image.MachineImages;
import dev.holdfast.agent.sandbox.microvm.vmm.Disk;
import dev.holdfast.agent.sandbox.microvm.vmm.Kernel;
import dev.holdfast.agent.sandbox.microvm.vmm.Machine;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineSpec;
import dev.holdfast.agent.sandbox.microvm.vmm.Nic;
import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import dev.holdfast.agent.sandbox.namespaces.Leftovers;
import dev.holdfast.agent.sandbox.namespaces.Slots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One machine, and the job in it. The workspace is the machine's own: what is in the directory on
 * this host goes in by {@link #handOver}, and nothing comes back.
 */
final class MicrovmSandbox implements Sandbox {
  private static final long MIB = 1024 * 1024;
  private static final int OPEN_FILES = 16_384;
  private static final Duration UNPACK = Duration.ofMinutes(10);
  private static final Duration NETWORK = Duration.ofSeconds(30);
  private static final int SHOWN = 1500;

  /** Replaced when the job's own is known; until then the card is off. */
  private static final String CARD = "02:68:67:00:00:02";

  private final SandboxSpec spec;
  private final String id;
  private final Slots.Slot slot;
  private final MachineImage image;
  private final MachineImages images;
  private final UpperDisks uppers;
  private final MicrovmBackend.Driver driver;
  private final InstantSource clock;
  private final CompletableFuture<Integer> exited = new CompletableFuture<>();
  private volatile @Nullable Machine machine;
  private volatile @Nullable GuestSession session;
  private volatile boolean killed;
  private @Nullable MachineNetwork network;
  private boolean handedOver;
  private boolean slotGiven;

  MicrovmSandbox(
      SandboxSpec spec,
      String id,
      Slots.Slot slot,
      MachineImage image,
      MachineImages images,
      UpperDisks uppers,
      MicrovmBackend.Driver driver,
      InstantSource clock) {
    this.spec = spec;
    this.id = id;
    this.slot = slot;
    this.image = image;
    this.images = images;
    this.uppers = uppers;
    this.driver = driver;
    this.clock = clock;
  }

  @Override
  public HostUser user() {
    return slot.user();
  }

  @Override
  public boolean userOfItsOwn() {
    return true;
  }

  @Override
  public Map<String, String> imageEnvironment() {
    return Map.of();
  }

  @Override
  public Optional<String> image() {
    return Optional.of(image.id());
  }

  @Override
  public boolean sealedUntilHandOver() {
    // The machine has no way to the directory on this host at all.
    return true;
  }

  private Path upper() {
    return spec.directory().resolve("upper.ext4");
  }

  private MachineSpec machineSpec() {
    Limits limits = spec.limits();
    return new MachineSpec(
        id,
        spec.directory(),
        new Kernel(
            images.kernel(image),
            Optional.of(images.initramfs(image)),
            "console=ttyS0 panic=-1 quiet"),
        List.of(
            new Disk("base", images.base(image), false, Optional.empty()),
            new Disk("upper", upper(), true, Optional.empty())),
        network == null
            ? Optional.empty()
            : Optional.of(new Nic(MachineNetwork.TAP, CARD, Optional.empty())),
        Optional.ofNullable(network).map(MachineNetwork::path),
        Math.clamp((limits.cpus() + 999) / 1000, 1, 32),
        (int) Math.min(Integer.MAX_VALUE, limits.memory() / MIB),
        slot.user(),
        limits);
  }

  @Override
  public void start() throws SandboxUnavailable, InterruptedException {
    uppers.make(upper(), spec.limits().disk(), slot.user());
    if (spec.nameserver().isPresent()) {
      network = MachineNetwork.make(id, slot.user());
    }
    try {
      Machine booting = driver.vmm().boot(machineSpec());
      machine = booting;
      if (killed) {
        booting.kill();
      }
      var _ = booting.ended().thenRun(this::machineEnded);
      var guest =
          new GuestSession(booting.connect(driver.boot()), spec.channel().resolve("channel.sock"));
      session = guest;
      guest.ready("job", clock.instant(), driver.boot());
      if (handedOver) {
        guest.files(spec.workspace(), UNPACK);
      }
      var _ = guest.exited().thenAccept(exited::complete);
      guest.start(spec.command(), spec.environment(), spec.limits().pids(), OPEN_FILES);
    } catch (VmmFailed | GuestFailed e) {
      throw new SandboxUnavailable(
          "the machine does not start: " + e.getMessage() + ended() + console(), e);
    }
  }

  /** Through the session, where there is one: then whoever hears of the end finds its reason. */
  private void machineEnded() {
    GuestSession guest = session;
    if (guest == null) {
      exited.complete(137);
    } else {
      guest.gone();
    }
  }

  /** How the machine ended, if it did. */
  private String ended() {
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

  private String console() {
    Machine made = machine;
    String text = made == null ? "" : made.console().strip();
    if (text.isEmpty()) {
      return "; its console is empty";
    }
    return "; the end of its console: "
        + (text.length() > SHOWN ? "…" + text.substring(text.length() - SHOWN) : text);
  }

  @Override
  public Optional<String> collapse() {
    GuestSession guest = session;
    if (guest == null || killed || !guest.collapsed()) {
      return Optional.empty();
    }
    return Optional.of("the job's machine is gone" + ended() + console());
  }

  @Override
  public long process() throws SandboxUnavailable {
    Machine made = machine;
    if (made == null || made.ended().isDone()) {
      throw new SandboxUnavailable("the machine of " + spec.attempt() + " has ended already");
    }
    return made.process();
  }

  @Override
  public void handOver() throws SandboxUnavailable {
    handedOver = true;
    GuestSession guest = session;
    if (guest == null) {
      // It goes in before the first program starts.
      return;
    }
    try {
      guest.files(spec.workspace(), UNPACK);
    } catch (GuestFailed e) {
      throw new SandboxUnavailable(e.getMessage() + console(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxUnavailable("interrupted while the workspace was handed over", e);
    }
  }

  @Override
  public void networkIsOpen() throws SandboxUnavailable {
    MachineNetwork made = network;
    GuestSession guest = session;
    if (made == null || guest == null) {
      throw new SandboxUnavailable("the machine of " + spec.attempt() + " has no network card");
    }
    try {
      guest.network(made.join(spec.nameserver().orElseThrow()), NETWORK);
    } catch (GuestFailed e) {
      throw new SandboxUnavailable(e.getMessage() + console(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxUnavailable("interrupted while the machine's network was set up", e);
    }
  }

  @Override
  public CompletableFuture<Integer> exited() {
    return exited;
  }

  @Override
  public String diagnostics() {
    GuestSession guest = session;
    return guest == null ? "" : guest.diagnostics();
  }

  @Override
  public boolean ranOutOfMemory() {
    GuestSession guest = session;
    return guest != null && guest.outOfMemory();
  }

  @Override
  public void kill() {
    killed = true;
    Machine made = machine;
    if (made != null) {
      made.kill();
    }
  }

  @Override
  public void close() throws SandboxUnavailable {
    kill();
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
        slot.close();
        slotGiven = true;
      }
    } catch (VmmFailed e) {
      throw new SandboxUnavailable(String.valueOf(e.getMessage()), e);
    } catch (SandboxUnavailable e) {
      throw e;
    } catch (IOException e) {
      throw new SandboxUnavailable(
          "the machine of " + spec.attempt() + " is not all gone: " + e.getMessage(), e);
    }
    exited.complete(137);
  }
}

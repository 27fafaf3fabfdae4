package dev.holdfast.agent.sandbox.microvm;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxSpec;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.microvm.guest.GuestFailed;
import dev.holdfast.agent.sandbox.microvm.guest.GuestSession;
import dev.holdfast.agent.sandbox.microvm.vmm.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One machine, and the job in it. The workspace is the machine's own: what is in the directory on
 * this host goes in by {@link #handOver}, and nothing comes back.
 */
final class MicrovmSandbox implements Sandbox {
  private static final Logger LOG = LoggerFactory.getLogger(MicrovmSandbox.class);
  private static final int OPEN_FILES = 16_384;
  private static final Duration UNPACK = Duration.ofMinutes(10);
  private static final Duration NETWORK = Duration.ofSeconds(30);

  private final SandboxSpec spec;
  private final Housed housed;
  private final MachineHost host;
  private final @Nullable Ahead ahead;
  private final Consumer<MachineStart> started;
  private final CompletableFuture<Integer> exited = new CompletableFuture<>();

  /** Once its first program was asked for. */
  private volatile @Nullable GuestSession running;

  private boolean handedOver;

  /**
   * @param housed this sandbox's alone; it may be up already
   * @param ahead what it may be restored from; without, its kernel boots
   * @param started hears of how it started
   */
  MicrovmSandbox(
      SandboxSpec spec,
      Housed housed,
      MachineHost host,
      @Nullable Ahead ahead,
      Consumer<MachineStart> started) {
    this.spec = spec;
    this.housed = housed;
    this.host = host;
    this.ahead = ahead;
    this.started = started;
  }

  @Override
  public HostUser user() {
    return housed.user();
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
    return Optional.of(housed.shape().image().id());
  }

  @Override
  public boolean sealedUntilHandOver() {
    // The machine has no way to the directory on this host at all.
    return true;
  }

  @Override
  public void start() throws SandboxUnavailable, InterruptedException {
    MachineStart how = housed.machine().isPresent() ? housed.start().waited() : bringUp();
    LOG.info("{}: its machine was {}", spec.attempt(), how);
    started.accept(how);
    GuestSession guest = housed.session().orElseThrow();
    try {
      // Again: it may have waited, or have been slow to hear its first word.
      guest.time(host.clock().instant());
      if (handedOver) {
        guest.files(spec.workspace(), UNPACK);
      }
      var _ = guest.exited().thenAccept(exited::complete);
      guest.start(
          spec.command(),
          spec.environment(),
          spec.limits().pids(),
          OPEN_FILES,
          spec.channel().resolve("channel.sock"));
      running = guest;
    } catch (GuestFailed e) {
      throw new SandboxUnavailable(
          "the machine does not start: " + e.getMessage() + housed.ended() + housed.console(), e);
    }
  }

  private MachineStart bringUp() throws SandboxUnavailable, InterruptedException {
    Ahead known = ahead;
    if (known != null) {
      switch (known.find(housed.shape())) {
        case Ahead.Found.None(String why) ->
            LOG.info("{}: its machine boots its kernel: {}", spec.attempt(), why);
        case Ahead.Found.Kept(var snapshot) -> {
          try {
            housed.up(Optional.of(snapshot));
            return housed.start();
          } catch (SandboxUnavailable e) {
            if (housed.killed()) {
              throw e;
            }
            LOG.warn(
                "{}: its machine boots its kernel, and so will others like it, since it could not"
                    + " be restored: {}",
                spec.attempt(),
                e.getMessage());
            known.failed(housed.shape(), String.valueOf(e.getMessage()));
            housed.down();
          }
        }
      }
    }
    housed.up(Optional.empty());
    return housed.start();
  }

  @Override
  public Optional<String> collapse() {
    return housed
        .session()
        .filter(guest -> !housed.killed() && guest.collapsed())
        .map(guest -> "the job's machine is gone" + housed.ended() + housed.console());
  }

  @Override
  public long process() throws SandboxUnavailable {
    return housed
        .machine()
        .filter(made -> !made.ended().isDone())
        .map(Machine::process)
        .orElseThrow(() ->
            new SandboxUnavailable("the machine of " + spec.attempt() + " has ended already"));
  }

  @Override
  public void handOver() throws SandboxUnavailable {
    handedOver = true;
    GuestSession guest = running;
    if (guest == null) {
      // It goes in before the first program starts.
      return;
    }
    try {
      guest.files(spec.workspace(), UNPACK);
    } catch (GuestFailed e) {
      throw new SandboxUnavailable(e.getMessage() + housed.console(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxUnavailable("interrupted while the workspace was handed over", e);
    }
  }

  @Override
  public void networkIsOpen() throws SandboxUnavailable {
    MachineNetwork made = housed.network().orElse(null);
    GuestSession guest = running;
    if (made == null || guest == null) {
      throw new SandboxUnavailable("the machine of " + spec.attempt() + " has no network card");
    }
    try {
      guest.network(made.join(spec.nameserver().orElseThrow()), NETWORK);
    } catch (GuestFailed e) {
      throw new SandboxUnavailable(e.getMessage() + housed.console(), e);
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
    return housed.session().map(GuestSession::diagnostics).orElse("");
  }

  @Override
  public boolean ranOutOfMemory() {
    return housed.session().map(GuestSession::outOfMemory).orElse(false);
  }

  @Override
  public void kill() {
    housed.kill();
  }

  @Override
  public void close() throws SandboxUnavailable {
    housed.close();
    // One that waited for its job has a directory that is not the job's.
    if (!housed.directory().equals(spec.directory())) {
      try {
        Files.deleteIfExists(housed.directory());
      } catch (IOException e) {
        throw new SandboxUnavailable(
            "the directory " + housed.directory() + " cannot be removed: " + e.getMessage(), e);
      }
    }
    exited.complete(137);
  }
}

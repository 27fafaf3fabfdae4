package dev.holdfast.agent.sandbox.microvm.firecracker;

import dev.holdfast.agent.sandbox.LastWords;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.cgroup.Cgroup;
import dev.holdfast.agent.sandbox.cgroup.Cgroups;
import dev.holdfast.agent.sandbox.microvm.vmm.GuestLine;
import dev.holdfast.agent.sandbox.microvm.vmm.Machine;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineEnd;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineSpec;
import dev.holdfast.agent.sandbox.microvm.vmm.Snapshot;
import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import dev.holdfast.agent.sandbox.microvm.vsock.TimedSocket;
import dev.holdfast.agent.sandbox.microvm.vsock.VsockDial;
import dev.holdfast.agent.sandbox.namespaces.Spawner;
import dev.holdfast.model.json.Quote;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One Firecracker: a process of ours that waits for a tree of processes, in which a shell waits for
 * the monitor ({@link Jailer}).
 */
final class FirecrackerMachine implements Machine {
  private static final int LAST_LINES = 300;
  private static final int CONSOLE = 64 * 1024;
  private static final Duration END = Duration.ofSeconds(10);

  private static final Map<Integer, String> OWN_CODES =
      Map.of(
          148, "having made a system call that its own filter forbids",
          149, "by the signal SIGBUS",
          150, "by the signal SIGSEGV",
          151, "having written a longer file than it may",
          152, "refusing its configuration",
          153, "refusing its arguments");

  private final MachineSpec spec;
  private final FirecrackerSettings settings;
  private final Jail jail;
  private final Cgroups cgroups;
  private final Runnable forget;
  private final ApiClient api;
  private final LastWords console = new LastWords(CONSOLE);
  private final CompletableFuture<MachineEnd> ended = new CompletableFuture<>();
  private volatile boolean killed;
  private volatile @Nullable Process waiting;
  private volatile @Nullable ProcessHandle monitor;
  private @Nullable Cgroup cgroup;
  private boolean jailed;
  private boolean closed;

  /**
   * @param forget told once nothing of the machine is left
   */
  FirecrackerMachine(
      MachineSpec spec, FirecrackerSettings settings, Jail jail, Cgroups cgroups, Runnable forget) {
    this.spec = spec;
    this.settings = settings;
    this.jail = jail;
    this.cgroups = cgroups;
    this.forget = forget;
    this.api = new ApiClient(jail.host(Jailer.API_SOCKET), spec.id());
  }

  /** Puts files into a jail. */
  interface Filling {
    void fill(Jail jail) throws VmmFailed, IOException, InterruptedException;
  }

  /**
   * Makes the jail, starts the monitor in it, and waits until it can be spoken to. Whoever called
   * it closes the machine, also if this fails.
   */
  void start(Jailer jailer, Filling filling) throws VmmFailed, InterruptedException {
    int length = api.socket().toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > TimedSocket.LONGEST_PATH) {
      throw new VmmFailed(
          "the path of a machine's socket, "
              + api.socket()
              + ", has "
              + length
              + " bytes, and the kernel takes "
              + TimedSocket.LONGEST_PATH
              + "; give the agent a data directory with a shorter path");
    }
    try {
      jail.make();
      jailed = true;
      filling.fill(jail);
      Cgroup made = cgroups.create(spec.id(), FirecrackerVmm.around(spec.limits()));
      cgroup = made;
      var builder = new ProcessBuilder(jailer.command(spec, made)).redirectErrorStream(true);
      builder.directory(Path.of("/").toFile());
      builder.redirectInput(Path.of("/dev/null").toFile());
      builder.environment().clear();
      Process process = Spawner.start(builder);
      waiting = process;
      // Always read, however much it is: a full pipe would stop the monitor, and the guest with it.
      Thread.ofVirtual()
          .name("console-" + spec.id())
          .start(() -> console.drainSlowly(process.getInputStream()));
      var _ = process.onExit().thenAccept(this::ended);
      awaitSocket(process);
      monitor =
          process
              .toHandle()
              .children()
              .flatMap(ProcessHandle::children)
              .findFirst()
              .orElseThrow(() -> new VmmFailed("the monitor of " + spec.id() + " has ended"));
    } catch (IOException e) {
      throw new VmmFailed(
          "the machine " + spec.id() + " cannot be made: " + said(e) + ", in " + jail.directory(),
          e);
    }
  }

  private static String said(IOException e) {
    return e instanceof SandboxUnavailable
        ? String.valueOf(e.getMessage())
        : e.getClass().getSimpleName() + " " + e.getMessage();
  }

  private void ended(Process process) {
    int status = process.exitValue();
    ended.complete(
        killed
            ? new MachineEnd.Killed()
            : status == 0 ? new MachineEnd.Off() : new MachineEnd.Died(status));
  }

  private void awaitSocket(Process process) throws VmmFailed, IOException, InterruptedException {
    long deadline = System.nanoTime() + settings.patience().toNanos();
    while (!Files.exists(api.socket(), LinkOption.NOFOLLOW_LINKS)) {
      if (System.nanoTime() > deadline) {
        throw new VmmFailed(
            "firecracker makes no socket "
                + api.socket()
                + " within "
                + settings.patience().toMillis()
                + " ms");
      }
      if (process.waitFor(1, TimeUnit.MILLISECONDS)) {
        throw new VmmFailed("firecracker does not start in " + jail.directory());
      }
    }
    // It is bound a moment before it is listened to.
    while (true) {
      try {
        TimedSocket.connect(api.socket(), deadline).close();
        return;
      } catch (java.net.ConnectException e) {
        if (System.nanoTime() > deadline || process.waitFor(1, TimeUnit.MILLISECONDS)) {
          throw e;
        }
      }
    }
  }

  FirecrackerVersion version() throws VmmFailed, InterruptedException {
    return api.version(settings.patience());
  }

  void call(ApiCall call) throws VmmFailed, InterruptedException {
    api.send(call, settings.patience());
  }

  /** The failure, and what the monitor has to say of it: how it ended, and its last words. */
  VmmFailed explained(VmmFailed failure) {
    var text = new StringBuilder(String.valueOf(failure.getMessage()));
    Process process = waiting;
    if (process != null) {
      try {
        // What was cut off in the middle was so because it ended, which is known a moment later.
        if (process.waitFor(200, TimeUnit.MILLISECONDS)) {
          text.append("; ").append(words(ended.get(1, TimeUnit.SECONDS)));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException e) {
        failure.addSuppressed(e);
      }
      text.append("; its last words: ").append(lastWords());
    }
    return new VmmFailed(text.toString(), failure);
  }

  private String lastWords() {
    String all = console.text();
    String end = all.length() > LAST_LINES ? all.substring(all.length() - LAST_LINES) : all;
    return end.isEmpty() ? "none" : Quote.of(end.replace('\n', ' '), LAST_LINES);
  }

  @Override
  public GuestLine connect(Duration within) throws VmmFailed, InterruptedException {
    try {
      return VsockDial.dial(
          jail.host(FirecrackerVmm.VSOCK), settings.guestPort(), within, this::inWords);
    } catch (VmmFailed e) {
      throw explained(e);
    }
  }

  private Optional<String> inWords() {
    return ended.isDone() ? Optional.of(words(ended.join())) : Optional.empty();
  }

  /** Firecracker has codes of its own where a shell counts signals. */
  private static String words(MachineEnd end) {
    return end instanceof MachineEnd.Died(int status) && OWN_CODES.containsKey(status)
        ? "its monitor ended with " + status + ", " + OWN_CODES.get(status)
        : end.words();
  }

  @Override
  public long process() {
    ProcessHandle handle = monitor;
    if (handle == null) {
      throw new IllegalStateException("the machine " + spec.id() + " was not started");
    }
    return handle.pid();
  }

  @Override
  public CompletableFuture<MachineEnd> ended() {
    return ended;
  }

  @Override
  public String console() {
    return console.text();
  }

  @Override
  public Snapshot snapshot(Path directory) throws VmmFailed, InterruptedException {
    try {
      call(ApiCall.VmState.PAUSED);
      call(new ApiCall.SnapshotCreate(FirecrackerVmm.MEMORY, FirecrackerVmm.STATE, "Full"));
    } catch (VmmFailed e) {
      throw explained(e);
    }
    // Once it is gone it cannot change what it wrote.
    kill();
    awaitEnd();
    var snapshot = new Snapshot(directory.resolve("memory"), directory.resolve("state"));
    try {
      Files.createDirectories(directory);
      jail.take(FirecrackerVmm.MEMORY, snapshot.memory(), spec.user());
      jail.take(FirecrackerVmm.STATE, snapshot.state(), spec.user());
    } catch (IOException e) {
      throw new VmmFailed(
          "the snapshot of the machine " + spec.id() + " cannot be kept: " + said(e), e);
    }
    return snapshot;
  }

  @Override
  public void kill() {
    killed = true;
    ProcessHandle inside = monitor;
    Process outside = waiting;
    if (inside != null) {
      // Those who wait for it end after it, so that their end is the proof of its end.
      inside.destroyForcibly();
    } else if (outside != null) {
      outside.destroyForcibly();
    }
  }

  private void awaitEnd() throws VmmFailed, InterruptedException {
    try {
      ended.get(END.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (TimeoutException e) {
      throw new VmmFailed(
          "the monitor of the machine " + spec.id() + " does not end even when killed", e);
    }
  }

  @Override
  public void close() throws VmmFailed {
    if (closed) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      kill();
      if (waiting != null) {
        awaitEnd();
      }
      Cgroup group = cgroup;
      if (group != null) {
        // Ends whatever else is in it, and succeeds only when nothing is.
        group.destroy();
        cgroup = null;
      }
      if (jailed) {
        jail.remove();
      }
      closed = true;
      forget.run();
    } catch (SandboxUnavailable e) {
      throw new VmmFailed("something of the machine " + spec.id() + " is left: " + said(e), e);
    } catch (InterruptedException e) {
      interrupted = true;
      throw new VmmFailed(
          "interrupted while the machine " + spec.id() + " was destroyed; close it again", e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

package dev.holdfast.agent.sandbox.microvm.qemu;

import dev.holdfast.agent.sandbox.LastWords;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.sandbox.Workspace;
import dev.holdfast.agent.sandbox.cgroup.Cgroup;
import dev.holdfast.agent.sandbox.microvm.vmm.GuestLine;
import dev.holdfast.agent.sandbox.microvm.vmm.Machine;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineEnd;
import dev.holdfast.agent.sandbox.microvm.vmm.MachineSpec;
import dev.holdfast.agent.sandbox.microvm.vmm.Snapshot;
import dev.holdfast.agent.sandbox.microvm.vmm.VmmFailed;
import dev.holdfast.agent.sandbox.microvm.vsock.TimedSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One QEMU, and what is around it. */
final class QemuMachine implements Machine {
  private static final int CONSOLE_BYTES = 64 * 1024;
  private static final int PATIENCE_SECONDS = 10;

  /** To write or read a machine's state. */
  private static final int STATE_SECONDS = 60;

  private final MachineSpec spec;
  private final Process process;
  private final Cgroup cgroup;
  private final Path line;
  private final LastWords console = new LastWords(CONSOLE_BYTES);
  private final LastWords complaints = new LastWords();
  private final CompletableFuture<MachineEnd> ended = new CompletableFuture<>();
  private volatile boolean killed;
  private boolean closed;

  QemuMachine(MachineSpec spec, Process process, Cgroup cgroup, Path line) {
    this.spec = spec;
    this.process = process;
    this.cgroup = cgroup;
    this.line = line;
    // No virtual threads: to read a pipe holds whatever carries one, and there are as few of these
    // as processors. With many machines nobody would be left to read what their guests say.
    Thread.ofPlatform()
        .daemon()
        .name("machine-console")
        .start(() -> console.drainSlowly(process.getInputStream()));
    Thread.ofPlatform()
        .daemon()
        .name("machine-complaints")
        .start(() -> complaints.drain(process.getErrorStream()));
    var _ = process.onExit().thenAccept(it -> ended.complete(end(it.exitValue())));
  }

  private MachineEnd end(int status) {
    if (killed) {
      return new MachineEnd.Killed();
    }
    return status == 0 ? new MachineEnd.Off() : new MachineEnd.Died(status);
  }

  @Override
  public GuestLine connect(Duration within) throws VmmFailed, InterruptedException {
    // QEMU makes the socket before it starts the guest, and holds what is said until that listens.
    var address = UnixDomainSocketAddress.of(here(QemuCommand.LINE));
    long deadline = System.nanoTime() + within.toNanos();
    while (true) {
      try {
        var socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
          socket.connect(address);
          return new SocketLine(socket);
        } catch (IOException e) {
          socket.close();
          if (ended.isDone()) {
            throw new VmmFailed("the machine has ended: " + ended.join().words() + said(), e);
          }
          if (System.nanoTime() > deadline) {
            throw new VmmFailed(
                "QEMU makes no line to its guest within " + within.toSeconds() + " s" + said(), e);
          }
        }
      } catch (IOException e) {
        throw new VmmFailed("no socket can be opened: " + e.getMessage(), e);
      }
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  private String said() {
    String text = complaints.text().replaceAll("\\s+", " ");
    return text.isEmpty() ? "" : "; QEMU says: " + text;
  }

  private record SocketLine(SocketChannel socket, InputStream input, OutputStream output)
      implements GuestLine {
    SocketLine(SocketChannel socket) {
      this(socket, Channels.newInputStream(socket), Channels.newOutputStream(socket));
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Override
  public long process() {
    return process.pid();
  }

  @Override
  public CompletableFuture<MachineEnd> ended() {
    return ended;
  }

  @Override
  public String console() {
    String words = complaints.text();
    return words.isEmpty() ? console.text() : console.text() + "\n" + words;
  }

  @Override
  public Snapshot snapshot(Path directory) throws VmmFailed, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STATE_SECONDS);
    Path socket = here(QemuCommand.STATE);
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        var monitor = QemuMonitor.open(here(QemuCommand.MONITOR), deadline)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      server.configureBlocking(false);
      Workspace.own(socket, spec.user());
      monitor.send(QemuCommand.STATE);
      try (var state = TimedSocket.accept(server, deadline)) {
        Path kept = KeptState.write(state, directory);
        monitor.awaitSent();
        return new Snapshot(kept, kept);
      }
    } catch (IOException e) {
      throw new VmmFailed("the machine " + spec.id() + " cannot be kept: " + why(e), e);
    } finally {
      kill();
    }
  }

  /** Gives it the state of one that was kept, upon which it runs. */
  void load(Path state) throws VmmFailed, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STATE_SECONDS);
    try (TimedSocket socket = connected(QemuCommand.STATE, deadline)) {
      KeptState.send(state, socket);
      // It hangs up once its machine runs, and says nothing. The guest's line is there before that,
      // and its state is not: nobody is to speak on it yet.
      if (socket.read(new byte[1], 0, 1) >= 0) {
        throw new IOException("QEMU answers where it should not");
      }
    } catch (IOException e) {
      throw new VmmFailed("the machine " + spec.id() + " cannot be restored: " + why(e), e);
    }
  }

  /** A connection to a socket that QEMU makes, once it listens. */
  private TimedSocket connected(String inside, long deadline)
      throws IOException, InterruptedException {
    while (true) {
      try {
        return TimedSocket.connect(here(inside), deadline);
      } catch (NoSuchFileException | ConnectException e) {
        if (ended.isDone()) {
          throw new IOException("it has ended: " + ended.join().words(), e);
        }
        if (System.nanoTime() > deadline) {
          throw e;
        }
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  private Path here(String inside) {
    return line.resolve(Path.of(inside).getFileName());
  }

  private String why(IOException e) {
    return e.getClass().getSimpleName() + " " + e.getMessage() + said();
  }

  @Override
  public void kill() {
    killed = true;
    process.destroyForcibly();
  }

  @Override
  public void close() throws VmmFailed {
    if (closed) {
      return;
    }
    kill();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new VmmFailed(
            "the monitor of " + spec.id() + ", process " + process.pid() + ", does not end");
      }
      // Ends what bubblewrap's end did not, and sees that it is empty.
      cgroup.destroy();
      remove(line);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VmmFailed("interrupted while a machine was destroyed", e);
    } catch (SandboxUnavailable e) {
      throw new VmmFailed(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new VmmFailed("the line of " + spec.id() + " cannot be removed: " + e.getMessage(), e);
    }
    closed = true;
  }

  /**
   * The directory of a line. Who broke out of QEMU could have put anything into it, and runs no
   * more.
   */
  static void remove(Path line) throws IOException {
    Process rm =
        new ProcessBuilder("/bin/rm", "-rf", "--one-file-system", "--", line.toString()).start();
    try {
      if (!rm.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || rm.exitValue() != 0) {
        rm.destroyForcibly();
        throw new IOException(line + " cannot be removed; remove it by hand");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + line + " was removed", e);
    }
  }
}

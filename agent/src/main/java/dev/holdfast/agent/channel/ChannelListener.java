package dev.holdfast.agent.channel;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Workspace;
import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Waits for the one runner of a sandbox, at {@code channel.sock} in the channel's directory. Once
 * it is there, or did not come in time, nobody else can connect: the socket is closed and unlinked
 * before the runner is told anything.
 */
public final class ChannelListener implements Closeable {
  public static final String SOCKET = "channel.sock";

  /** The kernel takes 107 bytes for a socket's path. */
  private static final int LONGEST_PATH = 100;

  private final ServerSocketChannel server;
  private final Path socket;

  private ChannelListener(ServerSocketChannel server, Path socket) {
    this.server = server;
    this.socket = socket;
  }

  /** Listens in {@code directory}, for processes of {@code user} only. */
  public static ChannelListener open(Path directory, HostUser user) throws IOException {
    Path socket = directory.resolve(SOCKET);
    var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      bind(server, directory);
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      if (HostUser.self().isRoot()) {
        Workspace.own(socket, user);
      }
      return new ChannelListener(server, socket);
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static void bind(ServerSocketChannel server, Path directory) throws IOException {
    if (directory.resolve(SOCKET).toString().length() <= LONGEST_PATH) {
      server.bind(UnixDomainSocketAddress.of(directory.resolve(SOCKET)), 1);
      return;
    }
    Path detour = Files.createTempDirectory("holdfast");
    Path link = detour.resolve("c");
    try {
      Files.createSymbolicLink(link, directory.toAbsolutePath());
      server.bind(UnixDomainSocketAddress.of(link.resolve(SOCKET)), 1);
    } finally {
      Files.deleteIfExists(link);
      Files.delete(detour);
    }
  }

  /**
   * The connection of the runner.
   *
   * @param exited completes if the runner's process ends; then nobody will come
   * @throws ChannelFailure if none came in {@code patience}
   */
  public RunnerLink accept(
      Duration patience, CompletableFuture<Integer> exited, ScheduledExecutorService timer)
      throws IOException {
    ScheduledFuture<?> deadline =
        timer.schedule(this::giveUp, patience.toMillis(), TimeUnit.MILLISECONDS);
    CompletableFuture<Void> watch = exited.thenRun(this::giveUp);
    try {
      SocketChannel connection = server.accept();
      return new RunnerLink(connection);
    } catch (ClosedChannelException e) {
      throw new ChannelFailure(
          exited.isDone()
              ? "the runner ended with " + exited.getNow(-1) + " before it spoke"
              : "the runner did not connect within " + patience.toSeconds() + " s");
    } finally {
      deadline.cancel(false);
      watch.cancel(false);
      close();
    }
  }

  private void giveUp() {
    try {
      server.close();
    } catch (IOException e) {
      // Closing a socket that nobody connected to has nothing to lose.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(socket);
  }
}

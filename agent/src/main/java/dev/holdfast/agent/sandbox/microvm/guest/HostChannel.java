package dev.holdfast.agent.sandbox.microvm.guest;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The host's end of a runner's channel: one connection to whoever waits for the runner, as if the
 * runner had made it.
 */
final class HostChannel {
  /** The kernel takes 107 bytes for a socket's path. */
  private static final int LONGEST_PATH = 100;

  private static final int BUFFER = 32 * 1024;

  private final SocketChannel socket;

  private HostChannel(SocketChannel socket) {
    this.socket = socket;
  }

  /** Where bytes for the guest go. */
  interface ToRunner {
    void send(ToGuest kind, byte[] payload, int length) throws IOException;
  }

  static HostChannel open(Path path, ToRunner runner) throws IOException {
    var socket = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      connect(socket, path);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw new IOException("nobody waits for the runner: " + e.getMessage(), e);
    }
    var channel = new HostChannel(socket);
    Thread.ofVirtual().name("guest-channel").start(() -> channel.carry(runner));
    return channel;
  }

  private static void connect(SocketChannel socket, Path path) throws IOException {
    if (path.toString().length() <= LONGEST_PATH) {
      socket.connect(UnixDomainSocketAddress.of(path));
      return;
    }
    Path detour = Files.createTempDirectory("holdfast");
    Path link = detour.resolve("c");
    try {
      Files.createSymbolicLink(link, path.getParent());
      socket.connect(UnixDomainSocketAddress.of(link.resolve(path.getFileName())));
    } finally {
      Files.deleteIfExists(link);
      Files.delete(detour);
    }
  }

  /** From the host to the runner, until either is gone. */
  private void carry(ToRunner runner) {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    byte[] bytes = buffer.array();
    try {
      while (socket.read(buffer.clear()) >= 0) {
        runner.send(ToGuest.CHANNEL, bytes, buffer.position());
      }
      runner.send(ToGuest.CHANNEL_END, bytes, 0);
    } catch (IOException e) {
      // The machine is gone, or the channel was ended: whoever reads on the host hears of it by its
      // end.
      end();
    } finally {
      // It has carried secrets.
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /** Passes on what the runner said; nothing where nobody listens any more. */
  void say(byte[] bytes) {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    try {
      while (left.hasRemaining()) {
        socket.write(left);
      }
    } catch (IOException e) {
      // The agent has ended the conversation, and ends the machine.
      end();
    }
  }

  void end() {
    try {
      socket.close();
    } catch (IOException e) {
      // Closed is what it is to be; nothing that was written is lost by it.
      return;
    }
  }
}

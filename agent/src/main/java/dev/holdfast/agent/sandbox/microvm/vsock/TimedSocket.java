package dev.holdfast.agent.sandbox.microvm.vsock;

import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

/**
 * A connection to a Unix socket on which nothing lasts beyond one deadline, whatever the other side
 * does or leaves undone. For one thread.
 */
public final class TimedSocket implements Closeable {
  /** What the kernel takes as the path of a socket, its final zero left out. */
  public static final int LONGEST_PATH = 107;

  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final long deadline;

  private TimedSocket(SocketChannel channel, Selector selector, long deadline) throws IOException {
    this.channel = channel;
    this.selector = selector;
    this.deadline = deadline;
    this.key = channel.register(selector, 0);
  }

  /**
   * Connects to a socket that another user's process made. A symbolic link in its place is not
   * followed: it could lead to any socket that this process may use.
   *
   * @param deadline by {@link System#nanoTime}
   * @throws NoSuchFileException if there is nothing
   * @throws ConnectException if nobody listens, or not fast enough
   */
  public static TimedSocket connect(Path socket, long deadline) throws IOException {
    BasicFileAttributes what =
        Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!what.isOther()) {
      throw new IOException(socket + " is no socket");
    }
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.configureBlocking(false);
      // A Unix socket is connected at once, or its queue is full, which is as good as no answer.
      if (!channel.connect(UnixDomainSocketAddress.of(socket))) {
        throw new ConnectException("too many wait at " + socket);
      }
      Selector selector = Selector.open();
      try {
        return new TimedSocket(channel, selector, deadline);
      } catch (IOException e) {
        selector.close();
        throw e;
      }
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Takes the next one that connects to {@code server}, which does not block.
   *
   * @param deadline by {@link System#nanoTime}
   */
  public static TimedSocket accept(ServerSocketChannel server, long deadline)
      throws IOException, InterruptedException {
    try (Selector waiting = Selector.open()) {
      server.register(waiting, SelectionKey.OP_ACCEPT);
      SocketChannel channel = server.accept();
      while (channel == null) {
        await(waiting, deadline);
        channel = server.accept();
      }
      try {
        channel.configureBlocking(false);
        return new TimedSocket(channel, Selector.open(), deadline);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    }
  }

  /** Writes all of it. */
  public void write(byte[] bytes) throws IOException, InterruptedException {
    write(bytes, 0, bytes.length);
  }

  /** Writes this part of it. */
  public void write(byte[] bytes, int offset, int length) throws IOException, InterruptedException {
    var buffer = ByteBuffer.wrap(bytes, offset, length);
    while (channel.write(buffer) >= 0 && buffer.hasRemaining()) {
      await(SelectionKey.OP_WRITE);
    }
  }

  /** Reads what there is, at least one byte; -1 at the end. */
  public int read(byte[] into, int offset, int length) throws IOException, InterruptedException {
    var buffer = ByteBuffer.wrap(into, offset, length);
    int count = channel.read(buffer);
    while (count == 0) {
      await(SelectionKey.OP_READ);
      count = channel.read(buffer);
    }
    return count;
  }

  private void await(int what) throws IOException, InterruptedException {
    key.interestOps(what);
    await(selector, deadline);
  }

  private static void await(Selector selector, long deadline)
      throws IOException, InterruptedException {
    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    if (left <= 0) {
      throw new SocketTimeoutException("no answer in time");
    }
    selector.select(left);
    selector.selectedKeys().clear();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  /** The connection itself, from now on without a deadline; this object is of no use after it. */
  public SocketChannel release() throws IOException {
    key.cancel();
    selector.close();
    channel.configureBlocking(true);
    return channel;
  }

  @Override
  public void close() throws IOException {
    try (selector) {
      channel.close();
    }
  }
}

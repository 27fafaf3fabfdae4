package dev.holdfast.runner.keep;

import dev.holdfast.model.wire.channel.BrokenChannel;
import dev.holdfast.model.wire.channel.Frame;
import dev.holdfast.model.wire.channel.FrameKind;
import dev.holdfast.runner.channel.Inbox;
import dev.holdfast.runner.step.Supervisor;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/** An archive as it comes over the channel: as many bytes as were announced. */
final class ComingArchive extends InputStream {
  private final Inbox inbox;
  private final Supervisor supervisor;
  private long left;
  private byte[] piece = new byte[0];
  private int at;

  ComingArchive(Inbox inbox, Supervisor supervisor, long bytes) {
    this.inbox = inbox;
    this.supervisor = supervisor;
    left = bytes;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    if (at == piece.length) {
      piece = piece();
      at = 0;
    }
    int read = Math.min(length, piece.length - at);
    System.arraycopy(piece, at, bytes, offset, read);
    at += read;
    left -= read;
    return read;
  }

  private byte[] piece() throws IOException {
    if (supervisor.cancelled()) {
      throw new InterruptedIOException("it was cancelled");
    }
    try {
      Frame frame = inbox.next();
      if (frame.kind() != FrameKind.ARCHIVE
          || frame.payload().length == 0
          || frame.payload().length > left) {
        throw new BrokenChannel("the agent sent something else than the archive it announced");
      }
      return frame.payload();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("it was interrupted");
    }
  }

  /** Passes over what was not read, so that what follows can be. */
  void drain() throws IOException {
    byte[] away = new byte[64 * 1024];
    int read = 0;
    while (read >= 0) {
      read = read(away, 0, away.length);
    }
  }
}

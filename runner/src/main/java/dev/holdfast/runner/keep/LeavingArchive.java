package dev.holdfast.runner.keep;

import dev.holdfast.runner.channel.AgentChannel;
import dev.holdfast.runner.step.Supervisor;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;

/** An archive on its way to the agent. */
final class LeavingArchive extends OutputStream {
  private final AgentChannel channel;
  private final Supervisor supervisor;
  private final byte[] piece = new byte[128 * 1024];
  private int length;

  LeavingArchive(AgentChannel channel, Supervisor supervisor) {
    this.channel = channel;
    this.supervisor = supervisor;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    int done = 0;
    while (done < count) {
      int part = Math.min(count - done, piece.length - length);
      System.arraycopy(bytes, offset + done, piece, length, part);
      length += part;
      done += part;
      if (length == piece.length) {
        flush();
      }
    }
  }

  @Override
  public void flush() throws IOException {
    if (supervisor.cancelled()) {
      throw new InterruptedIOException("it was cancelled");
    }
    if (length > 0) {
      channel.archive(piece, length);
      length = 0;
    }
  }

  @Override
  public void close() throws IOException {
    flush();
  }
}

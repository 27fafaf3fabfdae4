package dev.holdfast.relay.http;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;

/**
 * Buffers that are emptied when they are given back, and used once: what a forge sent does not stay
 * in the memory of a process that has no more business with it.
 */
final class WipingPool implements ByteBufferPool {
  @Override
  public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
    // Always in the heap: only there can what is given back be written over for sure.
    ByteBuffer buffer = ByteBuffer.allocate(size);
    byte[] bytes = buffer.array();
    buffer.limit(0);
    return RetainableByteBuffer.wrap(buffer, () -> Arrays.fill(bytes, (byte) 0));
  }

  @Override
  public void clear() {
    // Nothing is kept.
  }
}

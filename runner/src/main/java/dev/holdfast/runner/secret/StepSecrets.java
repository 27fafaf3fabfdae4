package dev.holdfast.runner.secret;

import dev.holdfast.model.wire.channel.BrokenChannel;
import dev.holdfast.model.wire.channel.SecretValues;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The values that one step is given, until it is over. They lie outside the heap: there a collector
 * would copy them about, and leave copies that nobody can wipe. Thread-safe.
 */
public final class StepSecrets implements AutoCloseable {
  private final ByteBuffer memory;
  private final Map<String, ByteBuffer> values = new LinkedHashMap<>();
  private boolean closed;

  private StepSecrets(ByteBuffer memory) {
    this.memory = memory;
  }

  /** None. */
  public static StepSecrets none() {
    return new StepSecrets(ByteBuffer.allocateDirect(0));
  }

  /**
   * Those in the payload of a frame.
   *
   * @param payload direct, and given away
   */
  public static StepSecrets in(ByteBuffer payload) throws BrokenChannel {
    var secrets = new StepSecrets(payload);
    SecretValues.each(payload.duplicate(), secrets.values::put);
    return secrets;
  }

  /** Their names. */
  public Set<String> names() {
    return Set.copyOf(values.keySet());
  }

  /** Their names, in the order in which they came. */
  public List<String> list() {
    return List.copyOf(values.keySet());
  }

  /** What to do with a value while it is there. */
  public interface Use<T, E extends Exception> {
    T of(ByteBuffer value) throws E;
  }

  /**
   * Lets {@code use} read a value; nothing wipes it meanwhile.
   *
   * @throws IllegalStateException if the step is over
   */
  public synchronized <T, E extends Exception> T use(String name, Use<T, E> use) throws E {
    ByteBuffer value = values.get(name);
    if (closed || value == null) {
      throw new IllegalStateException(
          closed
              ? "the step is over, and its secrets are gone"
              : "the step has no secret " + name);
    }
    return use.of(value.asReadOnlyBuffer());
  }

  /** Wipes them. */
  @Override
  public synchronized void close() {
    closed = true;
    for (int i = 0; i < memory.limit(); i++) {
      memory.put(i, (byte) 0);
    }
  }
}

package dev.holdfast.agent.use;

import dev.holdfast.model.secret.SecretUse;
import java.util.Arrays;

/** The value of a secret that no job is given, and what it is for. Says nothing of the value. */
public final class Usable implements AutoCloseable {
  private final byte[] value;
  private final SecretUse use;

  /** Takes the array over. */
  public Usable(byte[] value, SecretUse use) {
    this.value = value;
    this.use = use;
  }

  /** Another of its own, to be closed by itself. */
  public Usable copy() {
    return new Usable(value.clone(), use);
  }

  public SecretUse use() {
    return use;
  }

  /** The value itself, not a copy; zeros once this is closed. */
  public byte[] value() {
    return value;
  }

  /** Overwrites the value. */
  @Override
  public void close() {
    Arrays.fill(value, (byte) 0);
  }

  @Override
  public String toString() {
    return "a secret for use at " + use.authority();
  }
}

package dev.holdfast.orchestrator.secret;

import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.secret.SecretUse;
import java.util.Arrays;
import java.util.Optional;

/**
 * One version of a secret, with its value. It says its name to whoever prints it, and never its
 * value. Not thread-safe.
 */
public final class Secret implements AutoCloseable {
  private final SecretName name;
  private final SecretScope scope;
  private final long version;
  private final byte[] value;
  private final Optional<SecretUse> use;

  Secret(SecretName name, SecretScope scope, long version, byte[] value, Optional<SecretUse> use) {
    this.name = name;
    this.scope = scope;
    this.version = version;
    this.value = value;
    this.use = use;
  }

  public SecretName name() {
    return name;
  }

  /** Where it was found. */
  public SecretScope scope() {
    return scope;
  }

  public long version() {
    return version;
  }

  /** What it is for, if no job is to be given it. */
  public Optional<SecretUse> use() {
    return use;
  }

  /** The value itself, not a copy; zeros once this is closed. Mostly text in UTF-8, not always. */
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
    return name + " version " + version + " of " + scope.text();
  }
}

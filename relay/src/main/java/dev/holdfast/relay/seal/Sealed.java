package dev.holdfast.relay.seal;

/**
 * What is kept of a delivery.
 *
 * @param key the id of the key that it is sealed to
 */
public record Sealed(String key, byte[] bytes) {
  @Override
  public String toString() {
    return bytes.length + " sealed bytes";
  }
}

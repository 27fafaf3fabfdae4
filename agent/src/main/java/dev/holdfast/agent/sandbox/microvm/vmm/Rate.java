package dev.holdfast.agent.sandbox.microvm.vmm;

/**
 * The most that a device may do in a second.
 *
 * @param operations reads and writes, or packets
 */
public record Rate(long bytes, long operations) {
  public Rate {
    if (bytes < 1 || operations < 1) {
      throw new IllegalArgumentException("a rate is at least one byte and one operation a second");
    }
  }
}

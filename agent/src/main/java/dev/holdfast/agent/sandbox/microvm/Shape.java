package dev.holdfast.agent.sandbox.microvm;

import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.microvm.image.MachineImage;

/**
 * What machines have in common that can take each other's place.
 *
 * @param network whether it has a card
 */
record Shape(MachineImage image, Limits limits, boolean network) {
  private static final long MIB = 1024 * 1024;
  private static final int MOST_PROCESSORS = 32;

  int vcpus() {
    return Math.clamp((limits.cpus() + 999) / 1000, 1, MOST_PROCESSORS);
  }

  int memoryMib() {
    return (int) Math.min(Integer.MAX_VALUE, limits.memory() / MIB);
  }

  @Override
  public String toString() {
    return "image %s, %d MiB, %d processors, %d MiB of disk, %s network"
        .formatted(
            image.name(), memoryMib(), vcpus(), limits.disk() / MIB, network ? "with" : "without");
  }
}

package dev.holdfast.agent.sandbox.microvm.vmm;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A block device of a machine.
 *
 * @param serial by which the guest finds it, at most 20 of a-z, 0-9 and -; letters of devices
 *     differ between monitors. Where a monitor cannot set it, the order of the disks is what it was
 *     given
 * @param file raw; one that is not {@code writable} may be many machines'
 */
public record Disk(String serial, Path file, boolean writable, Optional<Rate> rate) {
  public Disk {
    if (!serial.matches("[a-z0-9-]{1,20}")) {
      throw new IllegalArgumentException("a disk's serial is 1 to 20 of a-z, 0-9 and -");
    }
  }
}

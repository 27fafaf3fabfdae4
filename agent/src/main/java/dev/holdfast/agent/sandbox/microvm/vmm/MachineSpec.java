package dev.holdfast.agent.sandbox.microvm.vmm;

import dev.holdfast.agent.sandbox.HostUser;
import dev.holdfast.agent.sandbox.Limits;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a machine is to be.
 *
 * @param id unlike any other's of this host, and a safe file name
 * @param directory on the host, private to this machine, made by the caller and removed by it
 * @param networkNamespace in which the monitor runs and the tap is, as a path below {@code
 *     /run/netns} or {@code /proc}; where absent, one of its own with nothing in it
 * @param user that the monitor runs as, which is no other's meanwhile
 * @param limits of the guest; what its monitor needs beside that, the monitor's driver adds
 */
public record MachineSpec(
    String id,
    Path directory,
    Kernel kernel,
    List<Disk> disks,
    Optional<Nic> nic,
    Optional<Path> networkNamespace,
    int vcpus,
    int memoryMib,
    HostUser user,
    Limits limits) {

  private static final int MOST_VCPUS = 32;
  private static final int LEAST_MEMORY = 64;

  public MachineSpec {
    if (!id.matches("[A-Za-z0-9-]{1,64}")) {
      throw new IllegalArgumentException("a machine's id is 1 to 64 of A-Z, a-z, 0-9 and -");
    }
    if (vcpus < 1 || vcpus > MOST_VCPUS || memoryMib < LEAST_MEMORY) {
      throw new IllegalArgumentException(
          "a machine has 1 to 32 processors and at least 64 MiB of memory, not "
              + vcpus
              + " and "
              + memoryMib
              + " MiB");
    }
    disks = List.copyOf(disks);
  }
}

package dev.holdfast.agent.sandbox.microvm.firecracker;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What an operator, or the agent for them, says of Firecracker on this host.
 *
 * @param firecracker the program, statically linked, of the same release as its jailer
 * @param jails where each machine's root directory is made; nothing else is in it, and its path is
 *     short enough for sockets below it
 * @param guestPort on which the guest agent listens
 * @param patience with each single answer of a monitor
 */
public record FirecrackerSettings(
    Path firecracker, Path jailer, Path jails, int guestPort, Duration patience) {
  public FirecrackerSettings {
    firecracker = firecracker.toAbsolutePath().normalize();
    jailer = jailer.toAbsolutePath().normalize();
    jails = jails.toAbsolutePath().normalize();
  }
}

package dev.holdfast.agent.sandbox.microvm;

import java.time.Duration;

/**
 * How one machine was started, and how long that took.
 *
 * @param disk until it had its own
 * @param network until it had a namespace with a tap in it; nothing where it has no card
 * @param monitor until its monitor was there, and, for one that is restored, had all of its state
 * @param guest from then until the guest had taken what makes it unlike any other
 */
public record MachineStart(
    How how, Duration disk, Duration network, Duration monitor, Duration guest) {
  /** From what. */
  public enum How {
    BOOTED,
    RESTORED,
    /** It was restored before its job came; what that took, nobody has waited for. */
    WAITED
  }

  MachineStart waited() {
    return new MachineStart(How.WAITED, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);
  }

  /** All of it that is the host's and not the guest's. */
  public Duration host() {
    return disk.plus(network).plus(monitor);
  }

  @Override
  public String toString() {
    return switch (how) {
      case BOOTED -> "booted in " + times();
      case RESTORED -> "restored in " + times();
      case WAITED -> "there already";
    };
  }

  private String times() {
    return "%d ms (disk %d, network %d, monitor %d, guest %d)"
        .formatted(
            host().plus(guest).toMillis(),
            disk.toMillis(),
            network.toMillis(),
            monitor.toMillis(),
            guest.toMillis());
  }
}

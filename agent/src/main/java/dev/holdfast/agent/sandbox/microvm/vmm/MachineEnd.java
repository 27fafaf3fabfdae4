package dev.holdfast.agent.sandbox.microvm.vmm;

/** How a machine ended, by what its monitor's process did. */
public sealed interface MachineEnd {
  /** The guest switched itself off or restarted, and the monitor ended in good order. */
  record Off() implements MachineEnd {}

  /**
   * The monitor ended by itself and not in good order.
   *
   * @param status its exit code; 128 and the signal's number if it was a signal
   */
  record Died(int status) implements MachineEnd {}

  /** By {@link Machine#kill} or {@link Machine#close}. */
  record Killed() implements MachineEnd {}

  /** In words, for a sentence that begins with the machine. */
  default String words() {
    return switch (this) {
      case Off() -> "it switched itself off";
      case Died(int status) ->
          status > 128
              ? "its monitor was ended by signal " + (status - 128)
              : "its monitor ended with " + status;
      case Killed() -> "it was killed";
    };
  }
}

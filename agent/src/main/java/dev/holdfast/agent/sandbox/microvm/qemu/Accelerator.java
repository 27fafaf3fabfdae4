package dev.holdfast.agent.sandbox.microvm.qemu;

/** What runs the guest's instructions. */
public enum Accelerator {
  /** The processor, by {@code /dev/kvm}. */
  KVM,
  /**
   * A program, which translates them: ten to twenty times slower, and no wall of the processor's.
   */
  TCG
}

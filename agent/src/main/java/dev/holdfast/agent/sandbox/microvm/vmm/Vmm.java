package dev.holdfast.agent.sandbox.microvm.vmm;

import java.io.Closeable;
import java.util.List;

/**
 * Starts virtual machines. Knows nothing of jobs. Thread-safe.
 *
 * <p>Order of calls: {@link #removeLeftovers} once, before the first machine; then any number of
 * {@link #boot} and {@link #restore}, also at the same time; {@link #close} after the last machine
 * was closed. Whoever started a machine closes it.
 */
public interface Vmm extends Closeable {
  /** Which program, its version, and what runs the guest: one line for people. */
  String what();

  /**
   * Starts a machine from its kernel. Returns once the monitor runs, which is before the guest
   * does.
   *
   * @throws VmmFailed having left nothing behind
   */
  Machine boot(MachineSpec spec) throws VmmFailed, InterruptedException;

  /**
   * The same, of a machine that {@link Machine#snapshot} will be asked of. It never has a job, so
   * that a monitor may let itself be spoken to.
   */
  default Machine bootToKeep(MachineSpec spec) throws VmmFailed, InterruptedException {
    return boot(spec);
  }

  /**
   * Starts a machine from what {@link Machine#snapshot} kept, with the network, disks and stream of
   * {@code spec}. These must be of the kind and size that the kept one had; what is on the disks
   * that it had not yet read may differ.
   *
   * @throws VmmFailed having left nothing behind; also where this monitor cannot
   */
  Machine restore(Snapshot from, MachineSpec spec) throws VmmFailed, InterruptedException;

  /** What an earlier agent left: processes, cgroups, directories, one line each. */
  List<String> leftovers() throws VmmFailed;

  /** Removes them, and sees that they are gone. */
  void removeLeftovers() throws VmmFailed;

  @Override
  void close();
}

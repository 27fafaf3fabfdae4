package dev.holdfast.agent.sandbox.microvm.vmm;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * One virtual machine. {@link #kill}, {@link #ended}, {@link #console} and {@link #process} may be
 * used by any thread at any time, the others by one at a time.
 */
public interface Machine extends AutoCloseable {
  /**
   * The one stream to the guest agent, once that listens. To be called once.
   *
   * @throws VmmFailed if it does not within {@code within}, or the machine ends before
   */
  GuestLine connect(Duration within) throws VmmFailed, InterruptedException;

  /** The monitor's, by the host's count; its network namespace is the machine's. */
  long process();

  /** Completes once the monitor's process is gone. */
  CompletableFuture<MachineEnd> ended();

  /** The end of what the guest wrote to its serial line: bounded, hostile. */
  String console();

  /**
   * Stops the machine and keeps its state in {@code directory}.
   *
   * @throws VmmFailed also where this monitor cannot
   */
  Snapshot snapshot(Path directory) throws VmmFailed, InterruptedException;

  /** Ends it at once, without asking the guest. Returns at once; any number of times. */
  void kill();

  /**
   * Ends it, and sees that all of it is gone: process, cgroup, sockets, directories of the
   * monitor's. The files of the specification are their maker's.
   *
   * @throws VmmFailed if something is left, naming it; may be called again then
   */
  @Override
  void close() throws VmmFailed;
}

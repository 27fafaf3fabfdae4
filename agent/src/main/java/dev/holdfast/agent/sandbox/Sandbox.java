package dev.holdfast.agent.sandbox;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The wall around one attempt.
 *
 * <p>Order of calls: {@link #start} once; {@link #handOver} once, after the checkout is complete
 * and before the runner is told what to do; {@link #startServices} once after both, and {@link
 * #endWatch} once the job is over; {@link #kill} at any time and any number of times; {@link
 * #close} always, and last. {@code kill} and {@code exited} may be used from any thread, the others
 * from one at a time.
 *
 * <p>Who cleans up: {@code close} destroys every process, mount and network of the sandbox and
 * returns only once it has seen that they are gone. The directory of the specification stays, and
 * is its maker's to remove.
 */
public interface Sandbox extends AutoCloseable {
  /** Who the job is on the host: whoever must be able to use the channel's socket. */
  HostUser user();

  /** Whether {@link #user} is no other sandbox's, and nobody's else, until this one is closed. */
  default boolean userOfItsOwn() {
    return false;
  }

  /** Where its places are, as the job sees them. */
  default Inside inside() {
    return Inside.STANDARD;
  }

  /** What the sandbox's image sets for the programs in it; empty if it has no image. */
  Map<String, String> imageEnvironment();

  /** What names the very image that it was made from and no other; empty if it has no image. */
  default Optional<String> image() {
    return Optional.empty();
  }

  /**
   * Whether nothing in the sandbox can change the workspace before {@link #handOver}, so that a
   * checkout may be written while the sandbox already runs. Where this is false, a program in it
   * could swap a directory for a symbolic link under the writer's feet: complete the checkout
   * first.
   */
  boolean sealedUntilHandOver();

  /**
   * Starts the specification's command.
   *
   * @throws SandboxUnavailable if it cannot be started
   */
  void start() throws SandboxUnavailable, InterruptedException;

  /**
   * A process of it, by the host's count, whose namespaces are the sandbox's; after {@link #start}.
   *
   * @throws SandboxUnavailable if it has none any more
   */
  long process() throws SandboxUnavailable;

  /** Gives the workspace, as it now is, to the job. */
  void handOver() throws SandboxUnavailable;

  /**
   * The filter has given {@link #process} its interface: where the job is not in that process's
   * network namespace itself, it is joined to it now. Only where the specification has a
   * nameserver, after {@link #handOver} and before the job is told what to do.
   */
  default void networkIsOpen() throws SandboxUnavailable {}

  /** What names the very images of the services and no others, by the services' names. */
  default Map<String, String> serviceImages() {
    return Map.of();
  }

  /**
   * Starts the specification's services, and returns once all of them are ready.
   *
   * @param watch hears of those that end by themselves later, until {@link #endWatch}
   * @throws ServiceFailed if one of them ends, or is not ready in its time
   * @throws SandboxUnavailable if the host fails to start them, or the sandbox is killed meanwhile
   */
  default void startServices(ServiceWatch watch)
      throws SandboxUnavailable, ServiceFailed, InterruptedException {}

  /** Says of every service that has ended by now; nothing of what ends later is said. */
  default void endWatch() {}

  /** Completes with the exit code of the runner once it has ended, 137 if it was killed. */
  CompletableFuture<Integer> exited();

  /** The end of what the runner itself printed: for diagnosis, bounded, hostile. */
  String diagnostics();

  /**
   * How the sandbox as a whole came to an end that nobody ordered, where the end of its runner does
   * not say it: in words, bounded, hostile.
   */
  default Optional<String> collapse() {
    return Optional.empty();
  }

  /** Whether the kernel ended a process of it because its memory ran out. */
  boolean ranOutOfMemory();

  /**
   * Ends every process in it and in its services. Returns at once; {@link #exited} completes soon.
   */
  void kill();

  /**
   * Destroys it and its services, and verifies that they are gone.
   *
   * @throws SandboxUnavailable if something of it is still there, naming what
   */
  @Override
  void close() throws SandboxUnavailable;
}

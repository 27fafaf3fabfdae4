package dev.holdfast.agent.job;

import dev.holdfast.agent.sandbox.Sandbox;
import dev.holdfast.agent.sandbox.SandboxRefused;
import dev.holdfast.agent.sandbox.SandboxUnavailable;
import dev.holdfast.agent.use.Doorway;
import dev.holdfast.model.wire.agent.AgentApi.Lease;
import dev.holdfast.model.wire.agent.Contact;
import java.util.List;
import java.util.Optional;

/**
 * Gives jobs their network. A sandbox starts with loopback alone; what this adds is there,
 * filtered, before the job is sent. Thread-safe.
 */
public interface JobNetworks {
  /** What the sandbox of a job asks for names; none where it gets no network. */
  Optional<String> nameserver(Lease lease);

  /**
   * Adds the job's network to its sandbox, which runs already.
   *
   * @throws SandboxUnavailable if the filter is not in place: then there is no job
   * @throws SandboxRefused if no other try on this host would help
   */
  Network open(Lease lease, Sandbox sandbox)
      throws SandboxUnavailable, SandboxRefused, InterruptedException;

  /** One job's. */
  interface Network {
    /**
     * Removes it, and says what the job reached or tried to.
     *
     * @throws SandboxUnavailable if something of it is left, naming what
     */
    List<Contact> close() throws SandboxUnavailable, InterruptedException;

    /**
     * Lets the job reach what its rules open. Until then one whose first steps install reaches
     * registries alone. Called once at most, and not for other jobs.
     *
     * @throws SandboxUnavailable if it cannot be changed: then the next step must not start
     */
    default void installed() throws SandboxUnavailable {}

    /**
     * Where the job and its agent meet, by which the agent makes requests in its stead; none where
     * there is no network, or nothing filters it.
     */
    default Optional<Doorway> doorway() {
      return Optional.empty();
    }

    /** Its interface on this host; none where there is none. */
    default Optional<String> link() {
      return Optional.empty();
    }
  }

  /** Loopback and nothing else. */
  static JobNetworks none() {
    return new JobNetworks() {
      @Override
      public Optional<String> nameserver(Lease lease) {
        return Optional.empty();
      }

      @Override
      public Network open(Lease lease, Sandbox sandbox) {
        return List::of;
      }
    };
  }
}

package dev.holdfast.agent.sandbox;

import dev.holdfast.model.wire.agent.AgentApi;
import java.io.Closeable;
import java.util.List;
import java.util.OptionalLong;

/**
 * Makes sandboxes of one kind.
 *
 * <p>Order of calls: {@link #check} before anything else, and again whenever somebody asks; {@link
 * #reconcile} once, before the first {@link #create}; then any number of {@code create}, also at
 * the same time from many threads. {@link #close} after the last sandbox was closed.
 *
 * <p>Whoever created a sandbox closes it. Whatever a killed agent could not close, {@code
 * reconcile} of the next one removes.
 */
public interface SandboxBackend extends Closeable {
  AgentApi.Backend kind();

  /** Whether sandboxes can be made here; tries it for real. Takes up to some seconds. */
  Readiness check();

  /** How large a disk of its own the workspace is to be; none where it lies on the host's. */
  default OptionalLong workspaceDisk(Limits limits) {
    return OptionalLong.empty();
  }

  /**
   * Makes a sandbox in which nothing runs yet.
   *
   * @throws SandboxUnavailable if this host cannot make it now; another try may
   * @throws SandboxRefused if no try on this host can
   */
  Sandbox create(SandboxSpec spec) throws SandboxUnavailable, SandboxRefused, InterruptedException;

  /**
   * What a container engine has under the label of {@code attempt}, one line each; nothing where
   * the backend has no engine.
   *
   * @throws SandboxUnavailable if the engine does not tell
   */
  default List<String> labelled(String attempt) throws SandboxUnavailable {
    return List.of();
  }

  /**
   * Removes sandboxes that an earlier agent with the same data directory left. Only for whoever
   * holds that directory's lock.
   */
  void reconcile() throws SandboxUnavailable;

  @Override
  void close();
}

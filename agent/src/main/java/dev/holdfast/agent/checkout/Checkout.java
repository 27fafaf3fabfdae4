package dev.holdfast.agent.checkout;

import dev.holdfast.model.wire.agent.AgentApi;
import java.nio.file.Path;

/** Writes a commit's files. Thread-safe. */
@FunctionalInterface
public interface Checkout {
  /**
   * Writes the files of {@code source} into {@code workspace}, an empty directory. Nothing that
   * gives access to the repository is written. An interrupt ends it early.
   *
   * @throws CheckoutFailed if it cannot
   */
  void write(AgentApi.Source source, Path workspace) throws CheckoutFailed, InterruptedException;
}

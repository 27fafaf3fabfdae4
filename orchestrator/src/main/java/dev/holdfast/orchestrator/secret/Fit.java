package dev.holdfast.orchestrator.secret;

import java.util.Optional;

/** Whether something is fit to be a secret: whether it can be masked without masking half a log. */
@FunctionalInterface
public interface Fit {
  /** Why it is not; empty if it is. One line that says nothing of the value but its size. */
  Optional<String> problem(byte[] value);
}

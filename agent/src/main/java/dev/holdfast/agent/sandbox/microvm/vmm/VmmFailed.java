package dev.holdfast.agent.sandbox.microvm.vmm;

import org.jspecify.annotations.Nullable;

/**
 * A monitor did not do what it was told. The message names the thing, the place and the mend, and
 * what of it a guest or a monitor said is bounded.
 */
public final class VmmFailed extends Exception {
  private static final long serialVersionUID = 1L;

  public VmmFailed(String message) {
    super(message);
  }

  public VmmFailed(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

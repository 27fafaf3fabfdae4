package dev.holdfast.agent.sandbox;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The host failed to make, run or destroy a sandbox. Says nothing about the job. */
public final class SandboxUnavailable extends IOException {
  private static final long serialVersionUID = 1L;

  public SandboxUnavailable(String message) {
    super(message);
  }

  public SandboxUnavailable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

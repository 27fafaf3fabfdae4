package dev.holdfast.agent.link;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The orchestrator did not answer, or not now: the same call may be made again. */
public final class Unreachable extends IOException {
  private static final long serialVersionUID = 1L;

  public Unreachable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package dev.holdfast.agent;

import org.jspecify.annotations.Nullable;

/** This agent cannot run as it is configured. The message is one line with the mend. */
public final class AgentUnusable extends Exception {
  private static final long serialVersionUID = 1L;

  public AgentUnusable(String message) {
    super(message);
  }

  public AgentUnusable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

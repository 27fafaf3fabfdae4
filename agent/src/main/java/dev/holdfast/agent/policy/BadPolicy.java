package dev.holdfast.agent.policy;

import java.io.IOException;

/** The agent's policy file cannot be read or understood: one line with place and mend. */
public final class BadPolicy extends IOException {
  private static final long serialVersionUID = 1L;

  BadPolicy(String message) {
    super(message);
  }
}

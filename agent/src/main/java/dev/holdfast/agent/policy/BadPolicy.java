package dev.holdfast.agent.policy;

/** An {@code agent.yaml} that cannot be gone by. One line: file, line, and the mend. */
public final class BadPolicy extends Exception {
  private static final long serialVersionUID = 1L;

  BadPolicy(String message) {
    super(message);
  }

  BadPolicy(String message, Throwable cause) {
    super(message, cause);
  }
}

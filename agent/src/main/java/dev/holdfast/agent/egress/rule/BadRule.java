package dev.holdfast.agent.egress.rule;

/** What an operator wrote for egress cannot be taken as it stands; says what and why, on a line. */
public final class BadRule extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadRule(String message) {
    super(message);
  }
}

package dev.holdfast.agent.egress.host;

/**
 * This host gives a job no filtered network, so there is no job; says what is missing and its mend.
 */
public final class EgressUnavailable extends Exception {
  private static final long serialVersionUID = 1L;

  public EgressUnavailable(String message) {
    super(message);
  }

  public EgressUnavailable(String message, Throwable cause) {
    super(message, cause);
  }
}

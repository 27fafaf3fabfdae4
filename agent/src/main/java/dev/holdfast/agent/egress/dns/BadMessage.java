package dev.holdfast.agent.egress.dns;

/** Bytes that are no message of the kind that was expected. */
final class BadMessage extends Exception {
  private static final long serialVersionUID = 1L;

  BadMessage(String message) {
    super(message);
  }
}

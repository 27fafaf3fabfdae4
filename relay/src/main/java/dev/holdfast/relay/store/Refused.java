package dev.holdfast.relay.store;

/** What was asked cannot be, as things stand. The message is one line for whoever asked. */
public final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Refused(String message) {
    super(message);
  }
}

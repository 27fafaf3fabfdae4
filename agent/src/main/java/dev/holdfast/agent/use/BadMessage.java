package dev.holdfast.agent.use;

import java.io.IOException;

/** A message that is not HTTP, or that somebody could read in two ways. */
final class BadMessage extends IOException {
  private static final long serialVersionUID = 1L;

  BadMessage(String message) {
    super(message);
  }
}

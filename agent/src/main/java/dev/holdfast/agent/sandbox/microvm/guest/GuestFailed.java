package dev.holdfast.agent.sandbox.microvm.guest;

import org.jspecify.annotations.Nullable;

/** A guest did not do what it was asked, or said what it must not. What it said is bounded. */
public final class GuestFailed extends Exception {
  private static final long serialVersionUID = 1L;

  public GuestFailed(String message) {
    super(message);
  }

  public GuestFailed(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

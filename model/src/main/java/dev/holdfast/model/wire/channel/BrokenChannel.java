package dev.holdfast.model.wire.channel;

import java.io.IOException;

/** The other end does not keep to the protocol. The channel is of no more use. */
public final class BrokenChannel extends IOException {
  private static final long serialVersionUID = 1L;

  public BrokenChannel(String message) {
    super(message);
  }
}

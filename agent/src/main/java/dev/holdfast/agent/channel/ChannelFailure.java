package dev.holdfast.agent.channel;

import java.io.IOException;

/** No runner came to the channel. */
public final class ChannelFailure extends IOException {
  private static final long serialVersionUID = 1L;

  public ChannelFailure(String message) {
    super(message);
  }
}

package dev.holdfast.agent.channel;

/**
 * What came over the channel is not what a runner says. The message is one line for the job's
 * author.
 */
public final class ProtocolViolation extends Exception {
  private static final long serialVersionUID = 1L;

  public ProtocolViolation(String message) {
    super(message);
  }

  /** The runner sent {@code what}, which has no place there. */
  public static ProtocolViolation outOfOrder(String what) {
    return new ProtocolViolation(
        "the runner sent " + what + ": the job meddled with its runner, and was ended");
  }
}

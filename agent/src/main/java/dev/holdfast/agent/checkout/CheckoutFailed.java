package dev.holdfast.agent.checkout;

import org.jspecify.annotations.Nullable;

/**
 * The commit's files could not be written. The message is one line that names repository and
 * commit.
 */
public final class CheckoutFailed extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean lasting;

  /**
   * @param lasting whether another try, at whatever agent, would meet the same
   */
  public CheckoutFailed(String message, boolean lasting, @Nullable Throwable cause) {
    super(message, cause);
    this.lasting = lasting;
  }

  /** Whether another try, at whatever agent, would meet the same: the commit is gone. */
  public boolean lasting() {
    return lasting;
  }
}

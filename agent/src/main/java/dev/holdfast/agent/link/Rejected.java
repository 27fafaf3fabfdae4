package dev.holdfast.agent.link;

/** The orchestrator says no; the same call again would be told the same. */
public final class Rejected extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  public Rejected(int status, String message) {
    super(message);
    this.status = status;
  }

  /** Of HTTP, from 400 to 499. */
  public int status() {
    return status;
  }

  /** The fence is not the attempt's any more. */
  public boolean lost() {
    return status == 409 || status == 404;
  }
}

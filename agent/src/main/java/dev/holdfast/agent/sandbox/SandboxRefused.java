package dev.holdfast.agent.sandbox;

/** The job asks for a sandbox that this host cannot make however often it tries. */
public final class SandboxRefused extends Exception {
  private static final long serialVersionUID = 1L;

  public SandboxRefused(String message) {
    super(message);
  }
}

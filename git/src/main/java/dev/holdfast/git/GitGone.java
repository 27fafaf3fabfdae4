package dev.holdfast.git;

/**
 * The repository answered, and does not have the commit or ref; asking again helps only after a
 * push.
 */
public final class GitGone extends GitFailed {
  private static final long serialVersionUID = 1L;

  public GitGone(String message) {
    super(message);
  }
}

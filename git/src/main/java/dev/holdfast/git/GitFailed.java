package dev.holdfast.git;

import java.io.IOException;

/**
 * Git could not do what it was asked. The message is one line: what, where, and git's own words.
 */
public sealed class GitFailed extends IOException permits GitTooLarge, GitGone {
  private static final long serialVersionUID = 1L;

  public GitFailed(String message) {
    super(message);
  }

  public GitFailed(String message, Throwable cause) {
    super(message, cause);
  }
}

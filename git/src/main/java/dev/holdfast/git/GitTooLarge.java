package dev.holdfast.git;

/**
 * What git was asked for is there and larger than the caller takes; asking again changes nothing.
 */
public final class GitTooLarge extends GitFailed {
  private static final long serialVersionUID = 1L;

  public GitTooLarge(String message) {
    super(message);
  }
}

package dev.holdfast.orchestrator.forge;

/**
 * What is shown to a forge.
 *
 * @param value goes into calls and to git, and nowhere else
 * @param ofApp whether it is an app's, which may write checks, and not a person's
 */
public record Token(String value, boolean ofApp) {
  /** A person's. */
  public Token(String value) {
    this(value, false);
  }

  /** Not the token itself: this may reach a log. */
  @Override
  public String toString() {
    return ofApp ? "a token of an app" : "a token of a person";
  }
}

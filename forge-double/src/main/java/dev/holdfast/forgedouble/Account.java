package dev.holdfast.forgedouble;

/**
 * Somebody at the forge.
 *
 * @param id never changes and is never given twice
 * @param login a name that can change hands
 */
public record Account(long id, String login) {
  /** The token that shows to the API who asks; the double has no other. */
  public String token() {
    return "token-of-account-" + id;
  }
}

package dev.holdfast.sdk;

/**
 * The commit that a run is at.
 *
 * @param sha its full hash
 */
public record Commit(String sha) {
  /** Its first seven digits, for people. */
  public String shortSha() {
    return sha.substring(0, Math.min(7, sha.length()));
  }
}

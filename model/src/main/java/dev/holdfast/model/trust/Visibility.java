package dev.holdfast.model.trust;

/** Who can read a repository at its forge. */
public enum Visibility {
  /** Anybody. */
  PUBLIC,
  /** Whoever was let in. */
  PRIVATE
}

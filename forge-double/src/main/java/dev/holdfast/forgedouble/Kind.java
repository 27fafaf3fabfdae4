package dev.holdfast.forgedouble;

/** Which forge is doubled. */
public enum Kind {
  GITHUB(""),
  /** Forgejo speaks the same. */
  GITEA("/api/v1");

  final String api;

  Kind(String api) {
    this.api = api;
  }
}

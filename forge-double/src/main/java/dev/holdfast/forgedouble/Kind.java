package dev.holdfast.forgedouble;

/** Which forge is doubled. */
public enum Kind {
  GITHUB(""),
  /** Forgejo speaks the same. */
  GITEA("/api/v1"),
  /** One that signs its webhooks; older ones show the secret instead. */
  GITLAB("/api/v4");

  final String api;

  Kind(String api) {
    this.api = api;
  }
}

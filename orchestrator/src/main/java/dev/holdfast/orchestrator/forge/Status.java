package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.event.CommitId;

/**
 * What is shown beside a commit at its forge. The same context again takes the place of what was
 * there.
 *
 * @param context what it is about, one line
 * @param description one line; forges cut it at {@link #LONGEST} characters
 */
public record Status(CommitId commit, String context, State state, String description) {
  /** What GitHub takes; Gitea takes more. */
  public static final int LONGEST = 140;

  /** How it stands, in the words that both GitHub and Gitea know. */
  public enum State {
    PENDING,
    SUCCESS,
    FAILURE,
    /** It ended without a verdict. */
    ERROR;

    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  public Status {
    if (description.length() > LONGEST) {
      description = description.substring(0, LONGEST - 1) + "…";
    }
  }
}

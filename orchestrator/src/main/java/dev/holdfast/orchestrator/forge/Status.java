package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.event.CommitId;
import java.net.URI;
import java.util.Optional;

/**
 * What is shown beside a commit at its forge. The same context again takes the place of what was
 * there.
 *
 * @param context what it is about, one line
 * @param key the run's id, which the forge hands back when somebody asks it to be run again
 * @param description one line; forges cut it at {@link #LONGEST} characters
 * @param link the page that shows all of it; empty where nobody said where that is found
 */
public record Status(
    CommitId commit,
    String context,
    String key,
    State state,
    String description,
    Optional<URI> link) {
  /** What GitHub takes; Gitea takes more. */
  public static final int LONGEST = 140;

  /** How it stands. */
  public enum State {
    /** It waits for somebody. */
    HELD,
    /** It has not begun. */
    PENDING,
    RUNNING,
    SUCCESS,
    FAILURE,
    /** It ended without a verdict. */
    ERROR;

    /** In the words that both GitHub and Gitea know for commit statuses. */
    String word() {
      return this == RUNNING || this == HELD
          ? PENDING.word()
          : name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  public Status {
    if (description.length() > LONGEST) {
      description = description.substring(0, LONGEST - 1) + "…";
    }
  }
}

package dev.holdfast.model.approval;

import dev.holdfast.model.event.CommitId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a comment on a pull request asks for. Only its first line counts, from the first character
 * on, so that a quote, a code block or a list is never a command.
 */
public sealed interface CommentCommand {
  /**
   * Approve the commit that starts with these digits.
   *
   * @param commit at least {@value #FEWEST} hex digits
   */
  record Approve(String commit) implements CommentCommand {
    /** Whether {@code head} is the commit that was meant. */
    public boolean means(CommitId head) {
      return head.value().startsWith(commit);
    }
  }

  /**
   * Run this run again. Not written by anybody, but asked for by a forge's button.
   *
   * @param run an id, if it is one
   */
  record Again(String run) implements CommentCommand {}

  /** Nothing for us. */
  record None() implements CommentCommand {}

  /**
   * Meant for us, but not a command; worth an answer.
   *
   * @param why one line with the mend
   */
  record Wrong(String why) implements CommentCommand {}

  /**
   * A second commit with the same seven first digits is found in a second; its author could push it
   * between look and comment. One with these many is not found.
   */
  int FEWEST = 20;

  /** What {@code body} asks for. */
  static CommentCommand of(String body) {
    int end = body.indexOf('\n');
    String line = (end < 0 ? body : body.substring(0, end)).stripTrailing();
    if (!line.equals("/holdfast") && !line.startsWith("/holdfast ")) {
      return new None();
    }
    Matcher approve = Pattern.compile("/holdfast approve ([0-9a-f]{1,64})").matcher(line);
    if (!approve.matches()) {
      return new Wrong("write /holdfast approve and the commit, alone on the first line");
    }
    return approve.group(1).length() < FEWEST
        ? new Wrong(
            "a commit can be forged to start alike; give " + FEWEST + " digits of it or more")
        : new Approve(approve.group(1));
  }
}

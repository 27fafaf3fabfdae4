package dev.holdfast.model.definition;

import java.util.Optional;

/**
 * That a job, or a step of one, waits for people before it starts, whoever's change it runs.
 *
 * @param count how many different ones, at the least; 1 to {@link #MOST}
 * @param reason a line for those who are asked
 */
public record JobApproval(int count, Optional<String> reason) {
  /** More are never found in time. */
  public static final int MOST = 10;

  public JobApproval {
    if (count < 1 || count > MOST) {
      throw new IllegalArgumentException(
          count + " approvals cannot be asked for; ask for 1 to " + MOST);
    }
    reason = reason.map(text -> Texts.line("reason of an approval", text));
  }

  @Override
  public String toString() {
    return count + (count == 1 ? " approval" : " approvals") + reason.map(": "::concat).orElse("");
  }
}

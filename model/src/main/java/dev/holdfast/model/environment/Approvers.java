package dev.holdfast.model.environment;

import dev.holdfast.model.definition.JobApproval;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who lets jobs into an environment. They need the right to approve in the repository as well.
 *
 * @param count how many different ones, 1 to {@link JobApproval#MOST}
 * @param own whether one of them may be somebody who had a hand in the change
 * @param users of whom they are, and
 * @param teams of whose members; where neither names anybody, whoever has the right
 */
public record Approvers(int count, boolean own, List<String> users, List<String> teams) {
  private static final int MOST = 50;

  public Approvers {
    if (count < 1 || count > JobApproval.MOST) {
      throw new IllegalArgumentException(
          count + " approvals cannot be asked for; ask for 1 to " + JobApproval.MOST);
    }
    if (users.size() > MOST || teams.size() > MOST) {
      throw new IllegalArgumentException(
          "there are more than " + MOST + " users or teams; make a team of them");
    }
    users = List.copyOf(users);
    teams = List.copyOf(teams);
  }

  /** Whether whoever has the right to approve is one of them. */
  public boolean anybody() {
    return users.isEmpty() && teams.isEmpty();
  }

  @Override
  public String toString() {
    return count
        + (count == 1 ? " approval" : " approvals")
        + (anybody()
            ? ""
            : Stream.concat(users.stream(), teams.stream())
                .collect(Collectors.joining(", ", " of ", "")));
  }
}

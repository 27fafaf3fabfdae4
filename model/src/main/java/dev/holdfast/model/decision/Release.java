package dev.holdfast.model.decision;

import dev.holdfast.model.definition.JobApproval;

/** What ends a hold. */
public sealed interface Release {
  /**
   * People with the right to approve on the repository.
   *
   * @param count how many different ones
   * @param own whether one of them may be somebody who had a hand in the change
   */
  record Approval(int count, boolean own) implements Release {
    public Approval {
      if (count < 1 || count > JobApproval.MOST) {
        throw new IllegalArgumentException(
            count + " approvals cannot be asked for; ask for 1 to " + JobApproval.MOST);
      }
    }
  }

  /**
   * No approval, since there is nothing that it could be bound to: once {@code mend} is done, the
   * event is decided anew.
   */
  record Mend(String mend) implements Release {}

  /** Whether everything that releases this would release {@code other}. */
  default boolean noWeakerThan(Release other) {
    return switch (this) {
      case Mend mend -> true;
      case Approval(int count, boolean own) ->
          other instanceof Approval(int fewer, boolean others)
              && count >= fewer
              && (others || !own);
    };
  }
}

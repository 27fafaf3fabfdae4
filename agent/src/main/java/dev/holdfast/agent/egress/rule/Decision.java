package dev.holdfast.agent.egress.rule;

/**
 * Whether a job gets through, and what decides it.
 *
 * @param by the rule, range or default, with the scope that it stands in
 * @param why a sentence for who asks
 */
public record Decision(boolean open, String by, String why) {
  @Override
  public String toString() {
    return (open ? "open: " : "refused: ") + why;
  }
}

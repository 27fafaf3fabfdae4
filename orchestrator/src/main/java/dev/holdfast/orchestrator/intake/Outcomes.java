package dev.holdfast.orchestrator.intake;

import java.util.List;
import java.util.Optional;

/**
 * What an event led to, as it is kept and shown.
 *
 * @param workflows one for each workflow of the definitions
 * @param note what there is to say of the whole, such as that there are no definitions
 */
public record Outcomes(List<Started> workflows, Optional<String> note) {
  /**
   * @param run the run that it started, if it did
   * @param reason why it started, or why not
   */
  public record Started(String workflow, Optional<String> run, String reason) {}
}

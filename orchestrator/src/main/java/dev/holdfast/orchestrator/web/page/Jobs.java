package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.digest.Sha256;
import java.util.List;

/** How pages speak of jobs. */
final class Jobs {
  /** Words of states, what stands out first. */
  static final List<String> BY_WEIGHT =
      List.of(
          "failed", "held", "running", "queued", "waiting", "cancelled", "succeeded", "skipped");

  private Jobs() {}

  /** The element of a run's page that is this job; keys have what no such name may have. */
  static String id(String key) {
    return "job-" + Sha256.hex(key, 8);
  }

  static String anchor(String key) {
    return "#" + id(key);
  }
}

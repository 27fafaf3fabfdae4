package dev.holdfast.orchestrator.run;

import java.time.Duration;

/** Is told after the commit, on the writer's thread; must be short and must not wait. */
public interface RunListener {
  /** A job with these labels can be leased now. */
  void jobReady(String labels);

  /** A job was leased so long after it was queued. */
  void leased(Duration waited);

  void runChanged(String run);

  /** An attempt ended: nothing will be appended to its log. */
  void attemptOver(String attempt);
}

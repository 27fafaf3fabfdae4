package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.event.Event;

/** Where events go that a {@link SpoolWatcher} or {@link Poller} found. */
public interface Intake {
  /**
   * Keeps {@code event}, which may have come before. It is durable when this returns.
   *
   * @throws Exception if it could not be kept; the same event is brought again later
   */
  void accept(Event event) throws Exception;
}

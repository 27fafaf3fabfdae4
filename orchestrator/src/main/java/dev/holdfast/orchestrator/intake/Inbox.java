package dev.holdfast.orchestrator.intake;

import dev.holdfast.model.event.Event;

/** Where events arrive, whatever their source. Thread-safe. */
public interface Inbox {
  /**
   * Takes {@code event}. When this returns it is on disk and will be processed, whatever happens.
   *
   * @throws dev.holdfast.orchestrator.db.StoreUnavailable if it could not be stored: the source
   *     must keep it and try again
   */
  Accepted accept(Event event);

  /**
   * @param id of the event in the inbox; for a duplicate, of the first
   * @param duplicate whether this delivery had arrived before
   */
  record Accepted(String id, boolean duplicate) {}
}

package dev.holdfast.orchestrator.intake;

import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.trust.Lookup;
import java.util.List;

/** Where events arrive, whatever their source. Thread-safe. */
public interface Inbox {
  /**
   * Takes {@code event}. When this returns it is on disk and will be processed, whatever happens.
   *
   * @throws dev.holdfast.orchestrator.db.StoreUnavailable if it could not be stored: the source
   *     must keep it and try again
   */
  default Accepted accept(Event event) {
    return accept(event, List.of());
  }

  /**
   * As {@link #accept(Event)}, for an event of a forge that names people.
   *
   * @param hands everybody who had a hand in it; the least trusted of them decides
   */
  Accepted accept(Event event, List<Lookup<Contributor>> hands);

  /**
   * @param id of the event in the inbox; for a duplicate, of the first
   * @param duplicate whether this delivery had arrived before
   */
  record Accepted(String id, boolean duplicate) {}
}

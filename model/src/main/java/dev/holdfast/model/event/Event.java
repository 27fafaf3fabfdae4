package dev.holdfast.model.event;

import java.time.Instant;
import java.util.Optional;

/**
 * Something that happened at a forge or on a clock, in one shape whatever its source.
 *
 * @param delivery unique for this delivery at its source; the same one twice is one event
 * @param repository Holdfast's id of the repository
 * @param at when it happened by its source's clock where that says, else when it arrived
 * @param contributor whoever it is attributed to, if the source can say
 */
public record Event(
    String delivery,
    String repository,
    Instant at,
    Optional<Contributor> contributor,
    Happening happening) {
  public Event {
    if (delivery.isBlank() || delivery.length() > 200) {
      throw new IllegalArgumentException("a delivery id is empty or longer than 200 characters");
    }
  }

  /** The same, with this said of what happened. */
  public Event with(Happening seen) {
    return new Event(delivery, repository, at, contributor, seen);
  }
}

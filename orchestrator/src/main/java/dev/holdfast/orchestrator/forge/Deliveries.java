package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.trust.Lookup;
import java.util.List;
import java.util.Optional;

/** Where goes what a webhook said, once its signature was found good. Thread-safe. */
public interface Deliveries {
  /** Durable when it returns; the same delivery again does nothing. */
  void happened(Event event, List<Lookup<Contributor>> hands);

  /** Durable when it returns; the same delivery again does nothing. */
  void commented(String delivery, Delivered.Commented said);

  /** Durable when it returns; the same delivery again does nothing. */
  void again(String delivery, Delivered.Again asked);

  /** There is news of a repository that is asked for news anyway; returns at once. */
  void look(String repository);

  /** See {@link People#forget}. */
  void accessChanged(String forge, Optional<String> person);
}

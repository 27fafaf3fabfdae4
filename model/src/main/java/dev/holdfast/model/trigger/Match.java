package dev.holdfast.model.trigger;

/** Whether an event starts a workflow, with a reason that its author can read. */
public sealed interface Match {
  String reason();

  record Starts(String reason) implements Match {}

  record DoesNotStart(String reason) implements Match {}
}

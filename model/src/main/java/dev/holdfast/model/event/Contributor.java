package dev.holdfast.model.event;

/**
 * Whoever an event is attributed to.
 *
 * @param forge the forge that says so
 * @param id the forge's immutable id; all decisions are by this
 * @param name for people to read; can change hands, decides nothing
 */
public record Contributor(String forge, String id, String name) {}

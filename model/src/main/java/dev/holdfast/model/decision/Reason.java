package dev.holdfast.model.decision;

/**
 * Why.
 *
 * @param text one line for people
 */
public record Reason(Cause cause, String text) {}

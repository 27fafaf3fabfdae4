package dev.holdfast.orchestrator.access;

import dev.holdfast.model.access.Grant;

/**
 * A grant and whose it is.
 *
 * @param holder the id of a user or a team
 */
public record Held(String id, String holder, Grant grant) {}

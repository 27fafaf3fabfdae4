package dev.holdfast.orchestrator.access;

import java.time.Instant;

/**
 * An account at a forge that is a user's.
 *
 * @param forge as {@code Contributor.forge}
 * @param account the forge's immutable id
 * @param name of the account when it was linked; for people, decides nothing
 * @param user the user's id
 */
public record Identity(
    String id, String forge, String account, String name, String user, Instant linked) {}

package dev.holdfast.sdk;

/**
 * The clock, in UTC, on the repository's default branch. Made by {@link
 * Workflows#schedule(String)}.
 *
 * @param cron five fields: minute, hour, day of month, month, day of week
 * @param place where it was written
 */
public record Schedule(String cron, Place place) implements Trigger {}

package dev.holdfast.model.audit;

/**
 * An entry with the hash that stands beside it.
 *
 * @param hash 64 hex digits if nobody touched it
 */
public record Kept(Entry entry, String hash) {}

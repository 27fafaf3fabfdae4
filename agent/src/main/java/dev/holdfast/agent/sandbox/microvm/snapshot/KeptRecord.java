package dev.holdfast.agent.sandbox.microvm.snapshot;

import java.time.Instant;

/**
 * What is written down of a snapshot, beside its files.
 *
 * @param key the name of the key that it was made under
 * @param memory a file's name, and the digest of what is in it
 * @param state the same, and the same file where there is only one
 */
record KeptRecord(
    String key,
    String memory,
    String memoryDigest,
    String state,
    String stateDigest,
    Instant made) {}

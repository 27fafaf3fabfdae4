package dev.holdfast.agent.sandbox.microvm.vmm;

import java.nio.file.Path;

/**
 * A machine that was stopped, as files that no longer change.
 *
 * @param memory the guest's; the same file as {@code state} where a monitor keeps all in one
 * @param state of its devices and processors
 */
public record Snapshot(Path memory, Path state) {}

package dev.holdfast.agent.sandbox.microvm.vmm;

import java.nio.file.Path;

/**
 * A machine that was stopped, as files that no longer change.
 *
 * @param state of its devices and processors
 */
public record Snapshot(Path memory, Path state) {}

/**
 * The wall that is a machine: each job has a kernel, memory, devices and a root file system of its
 * own. Which program is the machine's monitor is {@code vmm}'s to hide.
 */
@NullMarked
package dev.holdfast.agent.sandbox.microvm;

import org.jspecify.annotations.NullMarked;

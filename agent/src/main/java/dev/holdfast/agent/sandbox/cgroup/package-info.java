/** Limits that the kernel enforces for a group of processes: cgroup v2, v1, and hosts with both. */
@NullMarked
package dev.holdfast.agent.sandbox.cgroup;

import org.jspecify.annotations.NullMarked;

/**
 * Machines by Firecracker, each in a jail of its own that Firecracker's jailer makes: a user, a
 * root directory, a cgroup, a network and a process tree that are nobody else's.
 */
@NullMarked
package dev.holdfast.agent.sandbox.microvm.firecracker;

import org.jspecify.annotations.NullMarked;

/**
 * Virtual machines by QEMU's {@code microvm}: each in namespaces and a cgroup of its own, as a user
 * of its own, with no monitor to talk to.
 */
@NullMarked
package dev.holdfast.agent.sandbox.microvm.qemu;

import org.jspecify.annotations.NullMarked;

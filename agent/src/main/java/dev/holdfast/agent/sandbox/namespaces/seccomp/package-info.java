/** The filter of system calls that jobs in namespaces run under. */
@NullMarked
package dev.holdfast.agent.sandbox.namespaces.seccomp;

import org.jspecify.annotations.NullMarked;

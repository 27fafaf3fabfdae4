/** The filter of system calls that jobs run under. */
@NullMarked
package dev.holdfast.agent.sandbox.seccomp;

import org.jspecify.annotations.NullMarked;

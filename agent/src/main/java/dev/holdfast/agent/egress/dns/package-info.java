/** The only resolver that a job has. */
@NullMarked
package dev.holdfast.agent.egress.dns;

import org.jspecify.annotations.NullMarked;

/** A job's pair of interfaces, its addresses, and the way from there to the uplink. */
@NullMarked
package dev.holdfast.agent.egress.link;

import org.jspecify.annotations.NullMarked;

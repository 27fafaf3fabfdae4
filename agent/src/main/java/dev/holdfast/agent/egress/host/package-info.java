/** Programs of the host that act on its network. */
@NullMarked
package dev.holdfast.agent.egress.host;

import org.jspecify.annotations.NullMarked;

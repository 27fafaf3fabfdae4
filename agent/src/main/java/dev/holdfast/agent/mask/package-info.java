/** Takes secrets out of all that leaves a host, however they are written. */
@NullMarked
package dev.holdfast.agent.mask;

import org.jspecify.annotations.NullMarked;

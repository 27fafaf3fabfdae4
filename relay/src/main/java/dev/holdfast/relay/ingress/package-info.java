/** Where forges post: what comes in is sealed and kept, or refused. */
@NullMarked
package dev.holdfast.relay.ingress;

import org.jspecify.annotations.NullMarked;

/** What an orchestrator and a relay say to each other, and how a delivery is sealed. */
@NullMarked
package dev.holdfast.model.wire.relay;

import org.jspecify.annotations.NullMarked;

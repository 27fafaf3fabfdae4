/**
 * What waits for a person: holds, what they are over, who released them, and under which policy.
 */
@NullMarked
package dev.holdfast.orchestrator.hold;

import org.jspecify.annotations.NullMarked;

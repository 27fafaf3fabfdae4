/** What is done with a webhook, whichever way it came. */
@NullMarked
package dev.holdfast.orchestrator.hook;

import org.jspecify.annotations.NullMarked;

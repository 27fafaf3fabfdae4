/** How Holdfast and forges know each other: tokens, webhook secrets, and where webhooks arrive. */
@NullMarked
package dev.holdfast.orchestrator.link;

import org.jspecify.annotations.NullMarked;

/** GitHub's webhooks: whether they are GitHub's, and what they say. */
@NullMarked
package dev.holdfast.orchestrator.forge.github;

import org.jspecify.annotations.NullMarked;

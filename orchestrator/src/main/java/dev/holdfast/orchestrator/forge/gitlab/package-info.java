/** GitLab: what its webhooks say, and how it is asked and told. */
@NullMarked
package dev.holdfast.orchestrator.forge.gitlab;

import org.jspecify.annotations.NullMarked;

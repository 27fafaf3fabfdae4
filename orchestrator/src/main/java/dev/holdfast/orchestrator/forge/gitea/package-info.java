/** Gitea and Forgejo: what their webhooks say, and what their API answers. */
@NullMarked
package dev.holdfast.orchestrator.forge.gitea;

import org.jspecify.annotations.NullMarked;

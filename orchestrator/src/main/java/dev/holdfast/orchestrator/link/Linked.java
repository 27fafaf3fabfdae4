package dev.holdfast.orchestrator.link;

import dev.holdfast.orchestrator.forge.github.AppCalls;

/** How Holdfast is linked to forges: repository by repository, and as an app. */
public record Linked(Links links, Apps apps, AppCalls calls) {}

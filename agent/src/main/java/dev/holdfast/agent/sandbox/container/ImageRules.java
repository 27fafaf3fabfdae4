package dev.holdfast.agent.sandbox.container;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Who may use which image.
 *
 * @param standard for jobs that name none; every repository may use it
 * @param local images that the operator put on this host by hand, by the names that jobs call them,
 *     which every repository may use; where absent, every image that was never in a registry
 * @param record a directory that remembers which images a repository has pulled itself
 */
public record ImageRules(Optional<String> standard, Optional<Set<String>> local, Path record) {}

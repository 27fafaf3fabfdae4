package dev.holdfast.agent.sandbox.container;

import dev.holdfast.agent.keep.Keep;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Who may use which image.
 *
 * @param standard for jobs that name none; every repository may use it
 * @param local images that the operator put on this host by hand, by the names that jobs call them,
 *     which every repository may use; where absent, every image that was never in a registry
 * @param record a directory that remembers which images a repository has pulled itself, and which
 *     ones the agent brought
 * @param most bytes of images that the agent brought to keep
 */
public record ImageRules(
    Optional<String> standard, Optional<Set<String>> local, Path record, long most) {
  /** With the usual bound. */
  public ImageRules(Optional<String> standard, Optional<Set<String>> local, Path record) {
    this(standard, local, record, Keep.standard().images());
  }

  /** Whether the operator gave the image of this name to the agent. */
  boolean lists(String name) {
    return standard.filter(name::equals).isPresent()
        || local.filter(names -> names.contains(name)).isPresent();
  }
}

package dev.holdfast.sdk;

import java.util.List;

/**
 * A branch or tag was pushed. Made by {@link Workflows#push()}. Without filters: any branch, and no
 * tag.
 *
 * <p>In a filter, {@code *} stands for anything but a slash, {@code **} for anything, {@code ?} for
 * one character; a pattern that starts with {@code !} takes back what earlier ones matched.
 */
public final class Push implements Trigger {
  private final Parts parts;

  /**
   * What it is made of, for the tools that read it.
   *
   * @param branches patterns
   * @param tags patterns
   * @param paths patterns
   */
  public record Parts(List<String> branches, List<String> tags, List<String> paths, Place place) {}

  Push(Parts parts) {
    this.parts = parts;
  }

  /** Only these branches. */
  public Push branches(String... patterns) {
    return new Push(
        new Parts(
            Given.joined(parts.branches, Given.some("branch pattern", patterns)),
            parts.tags,
            parts.paths,
            parts.place));
  }

  /** Only these tags; without {@link #branches}, no branch. */
  public Push tags(String... patterns) {
    return new Push(
        new Parts(
            parts.branches,
            Given.joined(parts.tags, Given.some("tag pattern", patterns)),
            parts.paths,
            parts.place));
  }

  /** Only if at least one changed file matches; asked of branches, not of tags. */
  public Push paths(String... patterns) {
    return new Push(
        new Parts(
            parts.branches,
            parts.tags,
            Given.joined(parts.paths, Given.some("path pattern", patterns)),
            parts.place));
  }

  @Override
  public Place place() {
    return parts.place;
  }

  /** What it is made of, for tools. */
  public Parts parts() {
    return parts;
  }
}

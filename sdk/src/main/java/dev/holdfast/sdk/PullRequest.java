package dev.holdfast.sdk;

import java.util.List;

/**
 * A pull request was opened or changed. Made by {@link Workflows#pullRequest()}. Without filters:
 * any that is opened, gets commits, or is opened again. Patterns are as in {@link Push}.
 */
public final class PullRequest implements Trigger {
  private final Parts parts;

  /**
   * What it is made of, for the tools that read it.
   *
   * @param branches patterns for the branch it is to be merged into
   * @param actions that count; empty for the usual ones
   * @param paths patterns
   */
  public record Parts(
      List<String> branches, List<PullRequestAction> actions, List<String> paths, Place place) {}

  PullRequest(Parts parts) {
    this.parts = parts;
  }

  /** Only those that are to be merged into one of these branches. */
  public PullRequest branches(String... patterns) {
    return new PullRequest(
        new Parts(
            Given.joined(parts.branches, Given.some("branch pattern", patterns)),
            parts.actions,
            parts.paths,
            parts.place));
  }

  /** Only when one of these happened, in place of the usual ones. */
  public PullRequest actions(PullRequestAction... actions) {
    return new PullRequest(
        new Parts(
            parts.branches,
            Given.joined(parts.actions, Given.some("action", actions)),
            parts.paths,
            parts.place));
  }

  /** Only if at least one changed file matches. */
  public PullRequest paths(String... patterns) {
    return new PullRequest(
        new Parts(
            parts.branches,
            parts.actions,
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

/**
 * Test equipment, never part of a release: a forge that speaks as much of GitHub's, Gitea's and
 * GitLab's interfaces as Holdfast's end-to-end tests need, with real git repositories behind it.
 *
 * <p>A test says what happens ({@code forge.open(…)}, {@code forge.push(…)}, {@code
 * forge.comment(…)}); the double changes the repositories with git, and calls the webhooks that the
 * repository has, signed as the real ones are. What it sends is checked against payloads that
 * GitHub really sent ({@code PayloadShapeTest}) and, for Gitea and GitLab, was written after their
 * published structures.
 */
@NullMarked
package dev.holdfast.forgedouble;

import org.jspecify.annotations.NullMarked;

/**
 * Programs of attacks that a shell cannot be: copied into the job as a jar, and run by the runner's
 * Java, of which they use {@code java.base} only.
 */
@NullMarked
package dev.holdfast.probe.kit;

import org.jspecify.annotations.NullMarked;

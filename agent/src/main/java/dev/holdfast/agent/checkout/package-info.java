/** The commit's files, as a sandbox gets them. */
@NullMarked
package dev.holdfast.agent.checkout;

import org.jspecify.annotations.NullMarked;

/** How far a contributor is trusted, as a function of what was looked up about them. */
@NullMarked
package dev.holdfast.model.trust;

import org.jspecify.annotations.NullMarked;

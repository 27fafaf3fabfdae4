/**
 * The relay: a small server that takes what forges post, seals it, and keeps it until it is
 * fetched.
 */
@NullMarked
package dev.holdfast.relay;

import org.jspecify.annotations.NullMarked;

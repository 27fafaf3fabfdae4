/** What whoever runs the relay sees of it: counters, and nothing that can be changed. */
@NullMarked
package dev.holdfast.relay.operator;

import org.jspecify.annotations.NullMarked;

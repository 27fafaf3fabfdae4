/** Jetty, set up so that what comes in is bounded in size, time and number, and leaves no trace. */
@NullMarked
package dev.holdfast.relay.http;

import org.jspecify.annotations.NullMarked;

/** What agent and runner say to each other, as frames on one duplex byte channel. */
@NullMarked
package dev.holdfast.model.wire.channel;

import org.jspecify.annotations.NullMarked;

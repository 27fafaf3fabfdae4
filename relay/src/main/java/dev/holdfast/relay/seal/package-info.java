/** The only code of the relay that sees what was posted, and what makes it unreadable. */
@NullMarked
package dev.holdfast.relay.seal;

import org.jspecify.annotations.NullMarked;

/** How commands speak to a server. */
@NullMarked
package dev.holdfast.cli.client;

import org.jspecify.annotations.NullMarked;

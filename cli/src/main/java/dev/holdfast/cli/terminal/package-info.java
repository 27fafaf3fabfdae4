/** What every command shares: the terminal it speaks to, and how it ends. */
@NullMarked
package dev.holdfast.cli.terminal;

import org.jspecify.annotations.NullMarked;

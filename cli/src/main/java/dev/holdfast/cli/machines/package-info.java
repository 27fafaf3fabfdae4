/** Prepares a host for machines, and takes back what it did. */
@NullMarked
package dev.holdfast.cli.machines;

import org.jspecify.annotations.NullMarked;

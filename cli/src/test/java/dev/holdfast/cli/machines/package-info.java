@NullMarked
package dev.holdfast.cli.machines;

import org.jspecify.annotations.NullMarked;

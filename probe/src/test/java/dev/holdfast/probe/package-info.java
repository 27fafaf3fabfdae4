@NullMarked
package dev.holdfast.probe;

import org.jspecify.annotations.NullMarked;

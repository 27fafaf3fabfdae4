@NullMarked
package dev.holdfast.runner.keep;

import org.jspecify.annotations.NullMarked;

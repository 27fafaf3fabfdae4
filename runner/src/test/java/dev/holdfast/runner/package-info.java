@NullMarked
package dev.holdfast.runner;

import org.jspecify.annotations.NullMarked;

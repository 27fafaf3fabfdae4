/** The workflow author's Java: compiled, loaded, evaluated, and run where a step is code. */
@NullMarked
package dev.holdfast.runner.code;

import org.jspecify.annotations.NullMarked;

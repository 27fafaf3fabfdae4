/** What every measurement is given, and what it is. */
@NullMarked
package dev.holdfast.bench.setting;

import org.jspecify.annotations.NullMarked;

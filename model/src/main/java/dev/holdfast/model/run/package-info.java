/** The life of runs, jobs and attempts, as pure transitions. */
@NullMarked
package dev.holdfast.model.run;

import org.jspecify.annotations.NullMarked;

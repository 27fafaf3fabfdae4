/** What environments ask of jobs that want to run in them, and whether a job may. Pure. */
@NullMarked
package dev.holdfast.model.environment;

import org.jspecify.annotations.NullMarked;

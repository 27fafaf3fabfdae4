/** One job: its steps in order, their environment, outputs and outcome. */
@NullMarked
package dev.holdfast.runner.job;

import org.jspecify.annotations.NullMarked;

/** What forges are told of runs and of comments. */
@NullMarked
package dev.holdfast.orchestrator.report;

import org.jspecify.annotations.NullMarked;

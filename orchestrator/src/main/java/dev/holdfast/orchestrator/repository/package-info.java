/** Which repositories Holdfast works for. */
@NullMarked
package dev.holdfast.orchestrator.repository;

import org.jspecify.annotations.NullMarked;

/** The HTTP API. */
@NullMarked
package dev.holdfast.orchestrator.web;

import org.jspecify.annotations.NullMarked;

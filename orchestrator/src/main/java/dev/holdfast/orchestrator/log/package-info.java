/** What attempts print, kept and followed. */
@NullMarked
package dev.holdfast.orchestrator.log;

import org.jspecify.annotations.NullMarked;

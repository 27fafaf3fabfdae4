/** Where repositories live, behind one interface. */
@NullMarked
package dev.holdfast.orchestrator.forge;

import org.jspecify.annotations.NullMarked;

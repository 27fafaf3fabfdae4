/** The audit log: what an entry is, and how a change, a cut or a reorder is found. */
@NullMarked
package dev.holdfast.model.audit;

import org.jspecify.annotations.NullMarked;

/** Strict JSON: a small tree, its text form, and the mapping between the tree and records. */
@NullMarked
package dev.holdfast.model.json;

import org.jspecify.annotations.NullMarked;

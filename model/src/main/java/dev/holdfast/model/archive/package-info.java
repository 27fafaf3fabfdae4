/**
 * Files as one stream: the small part of tar that Holdfast writes, and nothing else of it. Whoever
 * reads takes every byte as hostile.
 */
@NullMarked
package dev.holdfast.model.archive;

import org.jspecify.annotations.NullMarked;

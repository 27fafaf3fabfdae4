/** Who may do what: roles, permissions, and what follows from what was granted. */
@NullMarked
package dev.holdfast.model.access;

import org.jspecify.annotations.NullMarked;

/** Files that later runs find again: whose they are, and who is given them. */
@NullMarked
package dev.holdfast.orchestrator.cache;

import org.jspecify.annotations.NullMarked;

/** What of an attempt is still on its host after it: looked for, not asked of who made it. */
@NullMarked
package dev.holdfast.agent.inventory;

import org.jspecify.annotations.NullMarked;

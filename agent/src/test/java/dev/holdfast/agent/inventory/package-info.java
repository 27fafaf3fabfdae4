@NullMarked
package dev.holdfast.agent.inventory;

import org.jspecify.annotations.NullMarked;

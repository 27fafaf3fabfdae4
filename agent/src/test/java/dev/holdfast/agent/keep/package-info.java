@NullMarked
package dev.holdfast.agent.keep;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.holdfast.agent.policy;

import org.jspecify.annotations.NullMarked;

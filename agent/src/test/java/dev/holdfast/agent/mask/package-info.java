@org.jspecify.annotations.NullMarked
package dev.holdfast.agent.mask;

/** An internet of our own, in which no packet finds a way out. */
@NullMarked
package dev.holdfast.probe.lab;

import org.jspecify.annotations.NullMarked;

/**
 * Test equipment: a program that stands in for Firecracker and enforces the published description
 * of its API. It runs no machine.
 */
@NullMarked
package dev.holdfast.agent.sandbox.microvm.firecracker.standin;

import org.jspecify.annotations.NullMarked;

/**
 * What every monitor of virtual machines must do, whichever program it is: start one machine, carry
 * one stream to its guest, tell how it ended, and leave nothing. Knows nothing of jobs.
 */
@NullMarked
package dev.holdfast.agent.sandbox.microvm.vmm;

import org.jspecify.annotations.NullMarked;

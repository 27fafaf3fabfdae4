/** How far what a job makes is to be trusted: as its run, and as all that it was given. */
@NullMarked
package dev.holdfast.orchestrator.taint;

import org.jspecify.annotations.NullMarked;

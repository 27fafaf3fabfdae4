/** What an approval is over, and whether it is one of the job that wants to start. */
@NullMarked
package dev.holdfast.model.approval;

import org.jspecify.annotations.NullMarked;

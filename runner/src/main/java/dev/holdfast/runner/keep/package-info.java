/**
 * Files that are kept beyond the job: packed and unpacked here, in the sandbox, as the job's user.
 */
@NullMarked
package dev.holdfast.runner.keep;

import org.jspecify.annotations.NullMarked;

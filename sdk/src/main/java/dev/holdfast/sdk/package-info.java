/**
 * Workflows as typed Java. Start at {@link dev.holdfast.sdk.Workflows}:
 *
 * <pre>{@code
 * // .holdfast/Ci.java
 * import dev.holdfast.sdk.*;
 * import static dev.holdfast.sdk.Workflows.*;
 *
 * class Ci implements WorkflowSource {
 *   public Workflow define() {
 *     var test = job("test").runsOn("linux")
 *         .step("unit tests", sh("mvn -B verify"))
 *         .step("report", ctx -> ctx.summary("passed on " + ctx.commit().shortSha()));
 *     return workflow("ci").on(push().branches("main"), pullRequest()).jobs(test);
 *   }
 * }
 * }</pre>
 *
 * <p>Every value here is immutable: a call returns a new value and leaves the old one as it was.
 */
@NullMarked
package dev.holdfast.sdk;

import org.jspecify.annotations.NullMarked;

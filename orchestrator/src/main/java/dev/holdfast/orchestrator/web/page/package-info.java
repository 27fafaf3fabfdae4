/**
 * The pages that people look at. What came from a repository, a forge or a log is hostile text
 * here: it goes through {@link dev.holdfast.orchestrator.web.page.Visible}, and templates escape
 * it.
 */
@NullMarked
package dev.holdfast.orchestrator.web.page;

import org.jspecify.annotations.NullMarked;

package dev.holdfast.sdk;

/**
 * On what outcome of what came before a job or step is run. Where none is said: {@link #SUCCESS}.
 */
public enum When {
  /** Everything it builds on succeeded. */
  SUCCESS,
  /** Something it builds on failed. */
  FAILURE,
  /** Whatever the outcome, as for tidying up. */
  ALWAYS
}

package dev.holdfast.model.definition;

/** On what outcome of what came before a job or step is run. Where none is said: success. */
public enum When {
  /** Everything it builds on succeeded. */
  SUCCESS,
  /** Something it builds on failed. */
  FAILURE,
  /** In any case, except that the run was cancelled. */
  ALWAYS
}

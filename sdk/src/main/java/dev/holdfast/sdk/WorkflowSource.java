package dev.holdfast.sdk;

/**
 * A class in {@code .holdfast/} that defines one workflow. It needs a constructor without
 * parameters. {@link WorkflowSources} defines several.
 */
@FunctionalInterface
public interface WorkflowSource {
  /**
   * The workflow. Called inside a sandbox, when the lock file is made and again when a step of it
   * that is code runs: it must give the same workflow each time, so it must not depend on the
   * clock, the environment or chance.
   */
  Workflow define();
}

package dev.holdfast.sdk;

import java.util.List;

/** A class in {@code .holdfast/} that defines several workflows; else as {@link WorkflowSource}. */
@FunctionalInterface
public interface WorkflowSources {
  /** The workflows, each with a name of its own; see {@link WorkflowSource#define()}. */
  List<Workflow> define();
}

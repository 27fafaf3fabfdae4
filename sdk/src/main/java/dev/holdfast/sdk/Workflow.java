package dev.holdfast.sdk;

import java.util.List;

/** A workflow: what starts it, and its jobs. Made by {@link Workflows#workflow(String)}. */
public final class Workflow {
  private final Parts parts;

  /**
   * What a workflow is made of, for the tools that read it.
   *
   * @param name unique in the repository
   * @param on what starts it
   * @param jobs in the order in which they were given
   * @param place where it was written
   */
  public record Parts(String name, List<Trigger> on, List<Job> jobs, Place place) {}

  Workflow(Parts parts) {
    this.parts = parts;
  }

  /** Adds what starts it: any one of its triggers does. */
  public Workflow on(Trigger... triggers) {
    return new Workflow(
        new Parts(
            parts.name,
            Given.joined(parts.on, Given.some("trigger", triggers)),
            parts.jobs,
            parts.place));
  }

  /** Adds jobs. Those that do not {@link Job#needs(Job...) need} each other run side by side. */
  public Workflow jobs(Job... jobs) {
    return new Workflow(
        new Parts(
            parts.name, parts.on, Given.joined(parts.jobs, Given.some("job", jobs)), parts.place));
  }

  /** What it is made of, for tools. */
  public Parts parts() {
    return parts;
  }
}

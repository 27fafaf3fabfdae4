package dev.holdfast.sdk;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a step that is code can do and know. For the step's own thread and those it starts;
 * thread-safe. Of no use once the step is over.
 */
public interface StepContext {
  /**
   * Runs a script by {@code /bin/sh -e}, in the step's directory, with the step's environment; its
   * output goes to the log. Never put text of an event into the script: it is in the environment.
   *
   * @throws StepFailed if its exit code is not 0
   */
  void sh(String script);

  /**
   * As {@link #sh}, with its output caught instead of logged, and any exit code allowed.
   *
   * @throws IllegalStateException if there is more than 8 MiB of output
   */
  Captured capture(String script);

  /** Writes a line to the log. */
  void log(String line);

  /**
   * The step's environment variable of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  String env(String name);

  /** The step's whole environment. */
  Map<String, String> env();

  /** The secrets that the step is given. */
  Secrets secrets();

  /**
   * A token by which the step shows others what its job is: an OpenID Connect token of this
   * Holdfast, made when the step started and good for minutes. The same each time.
   *
   * @param audience whom it is for, as the step names it ({@link Code#identity})
   * @throws IllegalArgumentException if the step does not name it, or is given none; says why
   */
  String identity(String audience);

  /** The commit that the run is at. */
  Commit commit();

  /** What started the run. */
  Event event();

  /**
   * The input of a manual start, or its default.
   *
   * @throws IllegalArgumentException if there is no such input
   */
  String input(String name);

  /**
   * This job's value on an axis of its matrix.
   *
   * @throws IllegalArgumentException if there is no such axis
   */
  String matrix(String axis);

  /**
   * Gives an output, for the jobs that need this one. One that the job says is secret ({@link
   * Code#secretOutputs}) is sent at once, and masked in all that the job says from then on.
   *
   * @param name as a job's name
   * @param value at most 32 KiB
   * @throws IllegalArgumentException if either is not allowed, or a secret one could not be masked
   */
  void output(String name, String value);

  /**
   * A job that this one needs.
   *
   * @param job its name; for one job of a matrix, its key as {@code test[os=linux]}
   * @throws IllegalArgumentException if this job does not need it, or it has a matrix and {@code
   *     job} does not say which
   */
  NeededJob needs(String job);

  /** Adds Markdown to the job's summary, at most 1 MiB for a step. */
  void summary(String markdown);

  /** The checkout. */
  Path workspace();

  /** The workflow's name. */
  String workflow();

  /** The job's name; with a matrix, its key as {@code test[os=linux]}. */
  String job();

  /** The run's id. */
  String run();

  /** The attempt's id; another each time that the job is tried. */
  String attempt();

  /** A job that is over. */
  interface NeededJob {
    /**
     * An output that it gave.
     *
     * @throws IllegalArgumentException if it did not give one of this name
     */
    String output(String name);

    /** All outputs that it gave. */
    Map<String, String> outputs();
  }
}

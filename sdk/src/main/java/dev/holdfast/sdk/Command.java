package dev.holdfast.sdk;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A script for {@code /bin/sh -e} as a step, with options. Made by {@link Workflows#sh(String)}.
 */
public final class Command implements Action {
  private final Parts parts;

  /**
   * What it is made of, for the tools that read it.
   *
   * @param script as written
   * @param env for this step alone
   * @param directory below the workspace
   * @param when on what outcome of earlier steps it runs
   * @param timeout how long it may take, as {@code 10m}
   */
  public record Parts(
      String script,
      Map<String, String> env,
      Optional<String> directory,
      Optional<When> when,
      Optional<String> timeout) {}

  Command(Parts parts) {
    this.parts = parts;
  }

  /** Sets an environment variable for this step alone. */
  public Command env(String name, String value) {
    return new Command(
        new Parts(
            parts.script,
            Given.added("the variable", parts.env, name, value),
            parts.directory,
            parts.when,
            parts.timeout));
  }

  /** Where it runs, as a path below the workspace; where not called, in the job's directory. */
  public Command directory(String path) {
    return new Command(
        new Parts(
            parts.script,
            parts.env,
            Optional.of(Given.notNull("the directory", path)),
            parts.when,
            parts.timeout));
  }

  /** On what outcome of the steps before it this one runs; where not called, on success. */
  public Command when(When when) {
    return new Command(
        new Parts(
            parts.script,
            parts.env,
            parts.directory,
            Optional.of(Given.notNull("when", when)),
            parts.timeout));
  }

  /** How long it may take, as {@code 90s}, {@code 10m} or {@code 2h}. */
  public Command timeout(String limit) {
    return new Command(
        new Parts(
            parts.script,
            parts.env,
            parts.directory,
            parts.when,
            Optional.of(Given.notNull("the timeout", limit))));
  }

  /** How long it may take, in whole seconds. */
  public Command timeout(Duration limit) {
    return timeout(Given.notNull("the timeout", limit).toSeconds() + "s");
  }

  /** What it is made of, for tools. */
  public Parts parts() {
    return parts;
  }
}

package dev.holdfast.sdk;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Java code as a step, with options. Made by {@link Workflows#code(StepCode)}. */
public final class Code implements Action {
  private final Parts parts;

  /**
   * What it is made of, for the tools that read it.
   *
   * @param body the code
   * @param when on what outcome of earlier steps it runs
   * @param timeout how long it may take, as {@code 10m}
   * @param secrets the names of those that it can ask for
   * @param install whether it only fetches what later steps work with
   */
  public record Parts(
      StepCode body,
      Optional<When> when,
      Optional<String> timeout,
      List<String> secrets,
      boolean install) {}

  Code(Parts parts) {
    this.parts = parts;
  }

  /**
   * Gives the step secrets, for its code to ask for by {@link StepContext#secrets}. What is not
   * named here it is not given.
   */
  public Code secrets(String... names) {
    return new Code(
        new Parts(
            parts.body,
            parts.when,
            parts.timeout,
            Given.joined(parts.secrets, Given.some("name of a secret", names)),
            parts.install));
  }

  /** As {@link Command#install}. */
  public Code install() {
    return new Code(new Parts(parts.body, parts.when, parts.timeout, parts.secrets, true));
  }

  /** On what outcome of the steps before it this one runs; where not called, on success. */
  public Code when(When when) {
    return new Code(
        new Parts(
            parts.body,
            Optional.of(Given.notNull("when", when)),
            parts.timeout,
            parts.secrets,
            parts.install));
  }

  /** How long it may take, as {@code 90s}, {@code 10m} or {@code 2h}. */
  public Code timeout(String limit) {
    return new Code(
        new Parts(
            parts.body,
            parts.when,
            Optional.of(Given.notNull("the timeout", limit)),
            parts.secrets,
            parts.install));
  }

  /** How long it may take, in whole seconds. */
  public Code timeout(Duration limit) {
    return timeout(Given.notNull("the timeout", limit).toSeconds() + "s");
  }

  /** What it is made of, for tools. */
  public Parts parts() {
    return parts;
  }
}

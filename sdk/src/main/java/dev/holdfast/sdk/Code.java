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
   * @param approvals how many people it waits for; 0 for none
   * @param approvalReason what they are told
   * @param identity whom it can ask for tokens for
   * @param secretOutputs which outputs are secret
   */
  public record Parts(
      StepCode body,
      Optional<When> when,
      Optional<String> timeout,
      List<String> secrets,
      boolean install,
      int approvals,
      Optional<String> approvalReason,
      List<String> identity,
      List<String> secretOutputs) {

    private Parts with(Optional<When> given, Optional<String> limit) {
      return new Parts(
          body, given, limit, secrets, install, approvals, approvalReason, identity, secretOutputs);
    }
  }

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
            parts.install,
            parts.approvals,
            parts.approvalReason,
            parts.identity,
            parts.secretOutputs));
  }

  /**
   * Gives the step tokens by which it shows others what its job is, for its code to ask for by
   * {@link StepContext#identity}.
   *
   * @param audiences whom they are for, as {@code sts.example.org}: nobody else should take them
   */
  public Code identity(String... audiences) {
    return new Code(
        new Parts(
            parts.body,
            parts.when,
            parts.timeout,
            parts.secrets,
            parts.install,
            parts.approvals,
            parts.approvalReason,
            Given.joined(parts.identity, Given.some("audience", audiences)),
            parts.secretOutputs));
  }

  /**
   * Says that outputs of these names are secret, whichever step of the job puts them out. From
   * {@link StepContext#output} on they are masked; they reach jobs that need this one and name them
   * among their secrets as {@code OUTPUT@JOB}, and nobody else.
   */
  public Code secretOutputs(String... names) {
    return new Code(
        new Parts(
            parts.body,
            parts.when,
            parts.timeout,
            parts.secrets,
            parts.install,
            parts.approvals,
            parts.approvalReason,
            parts.identity,
            Given.joined(parts.secretOutputs, Given.some("name of an output", names))));
  }

  /** As {@link Command#install}. */
  public Code install() {
    return new Code(
        new Parts(
            parts.body,
            parts.when,
            parts.timeout,
            parts.secrets,
            true,
            parts.approvals,
            parts.approvalReason,
            parts.identity,
            parts.secretOutputs));
  }

  /** As {@link Command#approval(String)}. */
  public Code approval(String reason) {
    return approval(1, reason);
  }

  /** As {@link Command#approval(int, String)}. */
  public Code approval(int count, String reason) {
    return new Code(
        new Parts(
            parts.body,
            parts.when,
            parts.timeout,
            parts.secrets,
            parts.install,
            count,
            Optional.of(Given.notNull("the reason", reason)),
            parts.identity,
            parts.secretOutputs));
  }

  /** On what outcome of the steps before it this one runs; where not called, on success. */
  public Code when(When when) {
    return new Code(parts.with(Optional.of(Given.notNull("when", when)), parts.timeout));
  }

  /** How long it may take, as {@code 90s}, {@code 10m} or {@code 2h}. */
  public Code timeout(String limit) {
    return new Code(parts.with(parts.when, Optional.of(Given.notNull("the timeout", limit))));
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

package dev.holdfast.sdk;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

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
   * @param secrets by the variables that hold them
   * @param install whether it only fetches what later steps work with
   * @param approvals how many people it waits for; 0 for none
   * @param approvalReason what they are told
   * @param identity whom it is given tokens for, by the variables that hold them
   * @param secretOutputs which outputs are secret
   */
  public record Parts(
      String script,
      Map<String, String> env,
      Optional<String> directory,
      Optional<When> when,
      Optional<String> timeout,
      Map<String, String> secrets,
      boolean install,
      int approvals,
      Optional<String> approvalReason,
      Map<String, String> identity,
      List<String> secretOutputs) {}

  Command(Parts parts) {
    this.parts = parts;
  }

  static Command of(String script) {
    return new Command(
        new Parts(
            script,
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            false,
            0,
            Optional.empty(),
            Map.of(),
            List.of()));
  }

  /** Sets an environment variable for this step alone. */
  public Command env(String name, String value) {
    return with(d -> d.env = Given.added("the variable", parts.env, name, value));
  }

  /**
   * Gives the step a secret, as the environment variable of the same name. Only the processes of
   * this step have it; all that runs in the job meanwhile can read it there.
   */
  public Command secret(String name) {
    return secret(name, name);
  }

  /**
   * Gives the step a secret, as an environment variable.
   *
   * @param variable that its processes find it in
   * @param name the secret's
   */
  public Command secret(String variable, String name) {
    return with(d -> d.secrets = Given.added("the variable", parts.secrets, variable, name));
  }

  /**
   * Gives the step a token, as an environment variable, by which it shows others what its job is:
   * an OpenID Connect token of this Holdfast, made when the step starts and good for minutes.
   *
   * @param variable that its processes find it in
   * @param audience whom it is for, as {@code sts.example.org}: nobody else should take it
   */
  public Command identity(String variable, String audience) {
    return with(d -> d.identity = Given.added("the variable", parts.identity, variable, audience));
  }

  /**
   * Says that outputs of these names are secret, whichever step of the job puts them out. Those of
   * a script are masked from its end on. They reach jobs that need this one and name them among
   * their secrets as {@code OUTPUT@JOB}, and nobody else.
   */
  public Command secretOutputs(String... names) {
    return with(d ->
        d.secretOutputs =
            Given.joined(parts.secretOutputs, Given.some("name of an output", names)));
  }

  /**
   * Says that this step only fetches what later steps work with, as a package manager does. Such
   * steps stand before all others, and are given no secret.
   */
  public Command install() {
    return with(d -> d.install = true);
  }

  /**
   * Has the step wait for somebody who may approve: the job runs up to it, and goes on once they
   * released it.
   *
   * @param reason what they are told, as {@code deploys to production}
   */
  public Command approval(String reason) {
    return approval(1, reason);
  }

  /**
   * As {@link #approval(String)}, by more than one.
   *
   * @param count how many different people, 1 to 10; more if the policy asks for more
   */
  public Command approval(int count, String reason) {
    return with(d -> {
      d.approvals = count;
      d.approvalReason = Optional.of(Given.notNull("the reason", reason));
    });
  }

  /** Where it runs, as a path below the workspace; where not called, in the job's directory. */
  public Command directory(String path) {
    return with(d -> d.directory = Optional.of(Given.notNull("the directory", path)));
  }

  /** On what outcome of the steps before it this one runs; where not called, on success. */
  public Command when(When when) {
    return with(d -> d.when = Optional.of(Given.notNull("when", when)));
  }

  /** How long it may take, as {@code 90s}, {@code 10m} or {@code 2h}. */
  public Command timeout(String limit) {
    return with(d -> d.timeout = Optional.of(Given.notNull("the timeout", limit)));
  }

  /** How long it may take, in whole seconds. */
  public Command timeout(Duration limit) {
    return timeout(Given.notNull("the timeout", limit).toSeconds() + "s");
  }

  /** What it is made of, for tools. */
  public Parts parts() {
    return parts;
  }

  private Command with(Consumer<Draft> change) {
    var draft = new Draft(parts);
    change.accept(draft);
    return new Command(draft.parts());
  }

  /** As {@code Job.Draft}: each method above names only what it changes. */
  private static final class Draft {
    private final String script;
    private Map<String, String> env;
    private Optional<String> directory;
    private Optional<When> when;
    private Optional<String> timeout;
    private Map<String, String> secrets;
    private boolean install;
    private int approvals;
    private Optional<String> approvalReason;
    private Map<String, String> identity;
    private List<String> secretOutputs;

    Draft(Parts parts) {
      script = parts.script;
      env = parts.env;
      directory = parts.directory;
      when = parts.when;
      timeout = parts.timeout;
      secrets = parts.secrets;
      install = parts.install;
      approvals = parts.approvals;
      approvalReason = parts.approvalReason;
      identity = parts.identity;
      secretOutputs = parts.secretOutputs;
    }

    Parts parts() {
      return new Parts(
          script,
          env,
          directory,
          when,
          timeout,
          secrets,
          install,
          approvals,
          approvalReason,
          identity,
          secretOutputs);
    }
  }
}

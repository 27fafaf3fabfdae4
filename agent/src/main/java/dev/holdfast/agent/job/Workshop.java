package dev.holdfast.agent.job;

import dev.holdfast.agent.channel.Bounds;
import dev.holdfast.agent.checkout.Checkout;
import dev.holdfast.agent.policy.AgentPolicy;
import dev.holdfast.agent.policy.Clearing;
import dev.holdfast.agent.sandbox.JobDirectories;
import dev.holdfast.agent.sandbox.Limits;
import dev.holdfast.agent.sandbox.SandboxBackend;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;

/** What all attempts of one agent share. */
public record Workshop(
    SandboxBackend backend,
    AgentPolicy policy,
    JobNetworks networks,
    Checkout checkout,
    JobDirectories directories,
    RunnerDistribution distribution,
    ClassCache classes,
    Limits limits,
    Bounds bounds,
    Patience patience,
    InstantSource clock,
    ScheduledExecutorService timer,
    Clearing clearing,
    StepGate gate) {
  /** For jobs of one's own, which nobody has to clear. */
  public Workshop(
      SandboxBackend backend,
      AgentPolicy policy,
      JobNetworks networks,
      Checkout checkout,
      JobDirectories directories,
      RunnerDistribution distribution,
      ClassCache classes,
      Limits limits,
      Bounds bounds,
      Patience patience,
      InstantSource clock,
      ScheduledExecutorService timer) {
    this(
        backend,
        policy,
        networks,
        checkout,
        directories,
        distribution,
        classes,
        limits,
        bounds,
        patience,
        clock,
        timer,
        Clearing.notAsked(),
        StepGate.open());
  }

  /**
   * How long to wait for what.
   *
   * @param preparation checkout and sandbox, until the job can be sent
   * @param greeting of the runner, from its start
   * @param overtime beyond the job's own limit, which the runner minds itself
   * @param cancel from asking the runner to stop to ending the sandbox; the runner gives steps that
   *     always run 30 s
   */
  public record Patience(
      Duration preparation, Duration greeting, Duration overtime, Duration cancel) {
    public static Patience standard() {
      return new Patience(
          Duration.ofMinutes(30),
          Duration.ofSeconds(60),
          Duration.ofSeconds(45),
          Duration.ofSeconds(45));
    }
  }
}

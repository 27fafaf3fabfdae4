package dev.holdfast.probe;

import dev.holdfast.agent.sandbox.Limits;
import java.util.List;

/** How an attack is tried. What runs are real jobs, whose programs say whether they got through. */
public sealed interface Trial {

  /**
   * A job with one step.
   *
   * @param script for {@code sh}, after {@link Prelude}
   * @param setting what is around it
   */
  record OneJob(String script, Setting setting) implements Trial {}

  /**
   * Two jobs, one after the other, of the same repository on the same agent.
   *
   * @param plant leaves something behind
   * @param look for it, and says whether it found it
   */
  record TwoJobs(String plant, String look, Setting setting) implements Trial {}

  /**
   * A job beside another one, which lives until it is over.
   *
   * @param victim prints {@code UP} when it is ready
   */
  record Beside(String victim, String attack, Setting setting) implements Trial {}

  /**
   * A job that leaves something on the host, for which the probe looks there when the job is gone.
   *
   * @param trace what in the host's process list or the agent's directory would betray it
   */
  record Left(String script, Trace trace, Setting setting) implements Trial {}

  /** In the place of the runner, a program that says what no runner would. */
  record HostileRunner(String says) implements Trial {}

  /**
   * A repository that the agent checks out for a job. Scripts for {@code sh}, on the host, in a
   * folder of their own.
   *
   * @param make the repository in {@code $SRC}; what it is to run writes {@code $PWNED}
   * @param naive what an agent with plain git would do
   * @param job looks at the checkout; empty if {@code $PWNED} is all that matters
   */
  record HostileRepository(String make, String naive, String job) implements Trial {}

  /**
   * A packet to an address of the lab.
   *
   * @param target of {@link LabTargets} that the script is given
   */
  record Packet(String target, String script) implements Trial {}

  /** What to look for on the host. */
  enum Trace {
    /** A process with the canary in its arguments. */
    PROCESS,
    /** A file in the agent's directory of jobs. */
    FILES
  }

  /**
   * What an attack wants around it.
   *
   * @param limits of its jobs
   * @param killed whether a job that is killed for it was stopped, as where memory is the prey
   * @param needs what must be on this host
   */
  record Setting(Limits limits, boolean killed, List<Need> needs) {}

  /** What not every host has. */
  enum Need {
    /** A terminal that the agent was started from. */
    TERMINAL,
    /** Root, for what only root can plant. */
    ROOT
  }
}

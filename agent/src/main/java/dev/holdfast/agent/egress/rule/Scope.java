package dev.holdfast.agent.egress.rule;

import java.util.ArrayList;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which jobs a part of the policy is about. Names are compared whole and case by case: no patterns,
 * so that nothing is meant by accident.
 *
 * @param workflow only together with a repository, for whoever may push to any repository can name
 *     a workflow
 */
public record Scope(Optional<String> pool, Optional<String> repository, Optional<String> workflow) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._/@:~-]{1,200}");

  /** The job that asks. */
  public record JobScope(String pool, String repository, String workflow) {
    @Override
    public String toString() {
      return "pool " + pool + ", repository " + repository + ", workflow " + workflow;
    }
  }

  public Scope {
    check("pool", pool);
    check("repository", repository);
    check("workflow", workflow);
    if (workflow.isPresent() && repository.isEmpty()) {
      throw new BadRule(
          "egress rules for workflow \""
              + workflow.get()
              + "\" do not say of which repository; add repository");
    }
  }

  private static void check(String what, Optional<String> name) {
    name.filter(n -> !NAME.matcher(n).matches())
        .ifPresent(n -> {
          throw new BadRule(
              "egress rules are for "
                  + what
                  + " \""
                  + n
                  + "\", which is no name (patterns are not"
                  + " understood)");
        });
  }

  public static Scope everyJob() {
    return new Scope(Optional.empty(), Optional.empty(), Optional.empty());
  }

  boolean matches(JobScope job) {
    return pool.map(job.pool()::equals).orElse(true)
        && repository.map(job.repository()::equals).orElse(true)
        && workflow.map(job.workflow()::equals).orElse(true);
  }

  /** Of two that match one job, the narrower has the greater number; equal only if the same. */
  int narrowness() {
    return (workflow.isPresent() ? 4 : 0)
        + (repository.isPresent() ? 2 : 0)
        + (pool.isPresent() ? 1 : 0);
  }

  @Override
  public String toString() {
    var parts = new ArrayList<String>();
    pool.ifPresent(p -> parts.add("pool " + p));
    repository.ifPresent(r -> parts.add("repository " + r));
    workflow.ifPresent(w -> parts.add("workflow " + w));
    return parts.isEmpty() ? "every job" : String.join(", ", parts);
  }
}

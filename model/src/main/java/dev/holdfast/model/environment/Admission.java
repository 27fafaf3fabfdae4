package dev.holdfast.model.environment;

import dev.holdfast.model.decision.Cause;
import dev.holdfast.model.decision.Decision;
import dev.holdfast.model.decision.Policy;
import dev.holdfast.model.decision.Reason;
import dev.holdfast.model.decision.Release;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.Glob;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Trust;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Whether a job may run in the environments that it asks for, as far as that does not change by the
 * minute; {@link Turn} is about the rest. Asked when a run is planned, and again in the transaction
 * that lets the job start.
 */
public sealed interface Admission {
  /** In all of them. */
  record Granted(List<EnvironmentName> names) implements Admission {
    public Granted {
      names = List.copyOf(names);
    }
  }

  /** Once people said so. */
  record Asks(List<EnvironmentName> names, List<Reason> reasons, Release.Approval release)
      implements Admission {
    public Asks {
      names = List.copyOf(names);
      reasons = List.copyOf(reasons);
    }
  }

  /** Not, whoever says so; without one of them it does not run either. */
  record Refused(List<String> reasons) implements Admission {
    public Refused {
      reasons = List.copyOf(reasons);
    }

    /** As it is told. */
    public String text() {
      return "refused: " + String.join("; ", reasons);
    }
  }

  /**
   * One environment that a job asks for.
   *
   * @param found all that applies to it; absent if nothing is kept for it
   */
  record Wanted(EnvironmentName name, Lookup<List<Environment>> found) {}

  /**
   * Of a job that asks for these.
   *
   * @param trust of everybody who had a hand in the event
   * @param policy that says how many people release whatever waits
   */
  static Admission of(List<Wanted> wanted, Happening happening, Trust trust, Policy policy) {
    var refused = new ArrayList<String>();
    var reasons = new ArrayList<Reason>();
    int count = policy.approval().count();
    boolean own = policy.approval().own();
    for (Wanted one : wanted) {
      if (!(one.found() instanceof Lookup.Known<List<Environment>>(var all)) || all.isEmpty()) {
        refused.add(missing(one));
        continue;
      }
      for (Environment environment : all) {
        refusal(environment, happening, trust).ifPresent(refused::add);
        Optional<Approvers> approvers = environment.rules().approval();
        if (approvers.isPresent()) {
          count = Math.max(count, approvers.get().count());
          own &= approvers.get().own();
          reasons.add(reason("the environment " + one.name() + " asks for " + approvers.get()));
        }
      }
      if (trust != Trust.TRUSTED) {
        reasons.add(
            reason(
                "the environment "
                    + one.name()
                    + " is granted to who is not trusted by a person alone, for this commit"));
      }
    }
    if (!refused.isEmpty()) {
      return new Refused(refused);
    }
    List<EnvironmentName> names = wanted.stream().map(Wanted::name).toList();
    return reasons.isEmpty()
        ? new Granted(names)
        : new Asks(names, reasons, new Release.Approval(count, own));
  }

  private static Reason reason(String text) {
    return new Reason(Cause.ENVIRONMENT, text);
  }

  private static String missing(Wanted wanted) {
    return wanted.found() instanceof Lookup.Failed<List<Environment>>(var why)
        ? "the environment " + wanted.name() + " cannot be read: " + why
        : "there is no environment "
            + wanted.name()
            + "; make it with holdfast environment set, and start the run again";
  }

  private static Optional<String> refusal(
      Environment environment, Happening happening, Trust trust) {
    EnvironmentRules rules = environment.rules();
    String of = "the environment " + environment.name() + " is ";
    if (!rules.triggers().isEmpty() && !rules.triggers().contains(TriggerKind.of(happening))) {
      return Optional.of(
          of
              + "not for "
              + TriggerKind.of(happening).word()
              + ", only for "
              + String.join(", ", rules.triggers().stream().map(TriggerKind::word).toList()));
    }
    if (rules.trust().filter(least -> trust.compareTo(least) < 0).isPresent()) {
      return Optional.of(
          of
              + "for who is at least "
              + rules.trust().get().word()
              + ", and who had a hand in this is "
              + trust.word());
    }
    if (rules.branches().isEmpty() && rules.tags().isEmpty()) {
      return Optional.empty();
    }
    boolean allowed =
        switch (happening) {
          case Happening.Push _, Happening.Manual _, Happening.Schedule _ ->
              in(rules.branches(), happening);
          case Happening.Tag _ -> in(rules.tags(), happening);
          case Happening.PullRequest _ -> false;
        };
    return allowed
        ? Optional.empty()
        : Optional.of(
            of
                + "not for "
                + switch (happening) {
                  case Happening.Tag tag -> "the tag " + tag.ref();
                  case Happening.PullRequest request ->
                      "the pull request " + request.number() + ", which is no branch,";
                  case Happening.Push _, Happening.Manual _, Happening.Schedule _ ->
                      "the branch " + happening.ref();
                }
                + " but for "
                + only("branches ", rules.branches())
                + (rules.branches().isEmpty() || rules.tags().isEmpty() ? "" : " and ")
                + only("tags ", rules.tags()));
  }

  /** An empty list of one kind beside one of the other lets nothing in. */
  private static boolean in(List<String> patterns, Happening happening) {
    return !patterns.isEmpty() && Glob.allows(patterns, happening.ref().value());
  }

  private static String only(String what, List<String> patterns) {
    return patterns.isEmpty() ? "" : what + String.join(" ", patterns);
  }

  /**
   * The decision with the jobs waiting that have to be let into an environment. Nothing waits less
   * than before.
   *
   * @param admissions by job
   */
  static Decision with(
      Decision decision, Map<Name, Admission> admissions, Policy policy, Instant now) {
    return switch (decision) {
      case Decision.Refuse refuse -> refuse;
      case Decision.Run run -> with(run, admissions, policy, now);
      case Decision.Hold(var reasons, var release, var expires, var released) ->
          new Decision.Hold(reasons, release, expires, with(released, admissions, policy, now));
    };
  }

  private static Decision.Run with(
      Decision.Run run, Map<Name, Admission> admissions, Policy policy, Instant now) {
    var waiting = new TreeMap<>(run.waiting());
    var alone = new Decision.Run(run.definition(), run.floor(), run.limits(), Map.of(), run.why());
    admissions.forEach((job, admission) -> {
      if (admission instanceof Asks(var _, var reasons, var release)) {
        Decision.Hold before = waiting.get(job);
        waiting.put(
            job,
            before == null
                ? new Decision.Hold(reasons, release, now.plus(policy.holdFor()), alone)
                : both(before, reasons, release));
      }
    });
    return new Decision.Run(run.definition(), run.floor(), run.limits(), waiting, run.why());
  }

  private static Decision.Hold both(
      Decision.Hold before, List<Reason> reasons, Release.Approval release) {
    var all = new ArrayList<>(before.reasons());
    all.addAll(reasons);
    return new Decision.Hold(
        all,
        switch (before.release()) {
          case Release.Mend mend -> mend;
          case Release.Approval(int count, boolean own) ->
              new Release.Approval(Math.max(count, release.count()), own && release.own());
        },
        before.expires(),
        before.released());
  }
}

package dev.holdfast.model.decision;

import dev.holdfast.model.decision.Decision.Hold;
import dev.holdfast.model.decision.Decision.Pin;
import dev.holdfast.model.decision.Decision.Refuse;
import dev.holdfast.model.decision.Decision.Run;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.model.trust.Trust;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Decides whether an event runs, waits or is refused. Pure, and meant to be read in one go. */
public final class Decisions {
  /** What a policy that lets strangers' pull requests run at once makes up for with limits. */
  private static final Set<Cause> MADE_UP_FOR =
      EnumSet.of(Cause.FORK, Cause.UNKNOWN, Cause.NOT_TRUSTED);

  private Decisions() {}

  /** What becomes of the event that {@code asked} is about. */
  public static Decision decide(Question asked) {
    if (!asked.ours()) {
      return refused(
          Cause.NOT_OURS, "the repository is not one of this Holdfast; add it with repo add");
    }
    boolean trusted = trust(asked) == Trust.TRUSTED;
    if (!trusted && asked.base().isEmpty()) {
      return refused(
          Cause.NOTHING_TO_PIN_TO,
          "there is no settled commit whose workflows could run instead; have somebody trusted"
              + " push first");
    }
    if (!(asked.policy() instanceof Lookup.Known<Policy>(var policy))) {
      return unreadable(asked, trusted);
    }
    Map<Name, Hold> waiting = waiting(asked, policy);
    Run run = trusted ? whole(asked, waiting) : pinned(asked, policy.floor(), waiting);
    List<Reason> reasons = reasons(asked, policy);
    if (reasons.isEmpty()) {
      return run;
    }
    var hold = new Hold(reasons, policy.approval(), asked.now().plus(policy.holdFor()), run);
    boolean madeUpFor =
        asked.event().happening() instanceof Happening.PullRequest
            && reasons.stream().map(Reason::cause).allMatch(MADE_UP_FOR::contains);
    return madeUpFor && policy.atOnce().isPresent()
        ? restricted(asked, policy.floor().or(policy.atOnce().get()), hold, waiting)
        : hold;
  }

  /** Commits of a fork are nobody's whom this repository let push, whoever speaks for them. */
  private static Trust trust(Question asked) {
    Trust trust = asked.standing().trust();
    return fork(asked) ? trust.or(Trust.KNOWN) : trust;
  }

  private static boolean fork(Question asked) {
    return asked.event().happening() instanceof Happening.PullRequest request && request.fork();
  }

  /** Why it waits; empty if it does not. */
  private static List<Reason> reasons(Question asked, Policy policy) {
    var reasons = new ArrayList<Reason>();
    if (asked.event().happening() instanceof Happening.Schedule schedule) {
      // The clock vouches for nobody: what was pushed but not decided must not run by waiting.
      if (asked.settled().filter(schedule.commit()::equals).isEmpty()) {
        reasons.add(unsettled(schedule.commit()));
      }
      return reasons;
    }
    Trust trust = trust(asked);
    if (trust == Trust.TRUSTED) {
      return reasons;
    }
    if (fork(asked)) {
      reasons.add(new Reason(Cause.FORK, "the commits come from a fork"));
    }
    if (trust == Trust.UNKNOWN) {
      reasons.add(
          new Reason(
              Cause.UNKNOWN,
              "the contributor is not known: " + String.join("; ", asked.standing().reasons())));
    }
    if (trust == Trust.KNOWN && policy.holdKnown()) {
      reasons.add(new Reason(Cause.NOT_TRUSTED, "policy has everybody wait who is not trusted"));
    }
    if (asked.event().happening() instanceof Happening.Push push && push.forced()) {
      reasons.add(new Reason(Cause.FORCED, "history was rewritten by who is not trusted"));
    }
    if (asked.event().happening() instanceof Happening.PullRequest request
        && request.baseCommit().isPresent()
        && !request.baseCommit().equals(asked.settled())) {
      reasons.add(unsettled(request.baseCommit().get()));
    }
    difference(asked, reasons);
    return reasons;
  }

  private static Reason unsettled(CommitId commit) {
    return new Reason(
        Cause.UNSETTLED, "no decision has let " + commit.abbreviated() + " run so far");
  }

  private static void difference(Question asked, List<Reason> reasons) {
    switch (asked.difference()) {
      case Lookup.Known<DefinitionDiff>(var known)
          when !known.between(asked.base(), asked.event().happening().commit()) ->
          reasons.add(
              new Reason(
                  Cause.DIFFERENCE_UNKNOWN,
                  "what was compared is not what would run: " + known.commits()));
      case Lookup.Known<DefinitionDiff>(var known) -> {
        if (!known.changes().isEmpty()) {
          reasons.add(
              new Reason(
                  Cause.WORKFLOWS_CHANGED,
                  "workflows are changed by who is not trusted: "
                      + String.join("; ", known.changes())));
        }
      }
      case Lookup.Absent<DefinitionDiff>() ->
          reasons.add(
              new Reason(Cause.DIFFERENCE_UNKNOWN, "whether workflows changed was not looked at"));
      case Lookup.Failed<DefinitionDiff>(var why) ->
          reasons.add(
              new Reason(
                  Cause.DIFFERENCE_UNKNOWN, "whether workflows changed cannot be told: " + why));
    }
  }

  private static Decision unreadable(Question asked, boolean trusted) {
    String why = asked.policy() instanceof Lookup.Failed<Policy>(var said) ? said : "there is none";
    return new Hold(
        List.of(new Reason(Cause.POLICY_UNREADABLE, "the policy cannot be read: " + why)),
        // An approval names the policy it was given under; here it could name none.
        new Release.Mend("mend the policy; the event is then decided anew"),
        asked.now().plus(Policy.DEFAULT.holdFor()),
        trusted
            ? whole(asked, waiting(asked, Policy.DEFAULT))
            : pinned(asked, Policy.DEFAULT.floor(), waiting(asked, Policy.DEFAULT)));
  }

  private static Run whole(Question asked, Map<Name, Hold> waiting) {
    return new Run(Pin.HEAD, Tier.NONE, Limits.NONE, waiting, asked.standing().reasons());
  }

  private static Run pinned(Question asked, Tier floor, Map<Name, Hold> waiting) {
    return new Run(Pin.BASE, floor, Limits.NONE, waiting, asked.standing().reasons());
  }

  /** Jobs that the workflow itself has wait, whoever is trusted. Nobody loosens a policy by it. */
  private static Map<Name, Hold> waiting(Question asked, Policy policy) {
    var waiting = new TreeMap<Name, Hold>();
    Run alone =
        trust(asked) == Trust.TRUSTED
            ? whole(asked, Map.of())
            : pinned(asked, policy.floor(), Map.of());
    asked
        .asked()
        .forEach((job, approval) ->
            waiting.put(
                job,
                new Hold(
                    List.of(
                        new Reason(
                            Cause.ASKED,
                            "the job "
                                + job
                                + " waits for approval"
                                + approval.reason().map(why -> ": " + why).orElse(""))),
                    new Release.Approval(
                        Math.max(approval.count(), policy.approval().count()),
                        policy.approval().own()),
                    asked.now().plus(policy.holdFor()),
                    alone)));
    return waiting;
  }

  /** Everything at once within limits, but for the jobs that these limits would cut short. */
  private static Run restricted(Question asked, Tier floor, Hold hold, Map<Name, Hold> byWorkflow) {
    var waiting = new TreeMap<>(byWorkflow);
    asked
        .gets()
        .forEach((job, gets) -> {
          if (gets.beyond(Limits.RESTRICTED)) {
            var reasons = new ArrayList<>(hold.reasons());
            reasons.add(
                new Reason(
                    Cause.PRIVILEGED,
                    "the job " + job + " asks for more than a run gets that nobody approved"));
            Hold also = byWorkflow.get(job);
            if (also != null) {
              reasons.addAll(also.reasons());
            }
            Release release = also == null ? hold.release() : also.release();
            waiting.put(job, new Hold(reasons, release, hold.expires(), hold.released()));
          }
        });
    var why = new ArrayList<>(asked.standing().reasons());
    why.add(
        "policy lets it run at once, in the tier "
            + floor.word()
            + " or stronger, with no secrets, no cache writes, no root, and no more network than"
            + " what the agent lists");
    return new Run(Pin.BASE, floor, Limits.RESTRICTED, waiting, why);
  }

  private static Decision refused(Cause cause, String text) {
    return new Refuse(List.of(new Reason(cause, text)));
  }
}

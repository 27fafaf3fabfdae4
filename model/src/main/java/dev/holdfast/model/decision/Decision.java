package dev.holdfast.model.decision;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What becomes of an event. */
public sealed interface Decision {
  /** Whose definition and {@code .holdfast/} sources run, over the head's files in any case. */
  enum Pin {
    HEAD,
    /** Of the commit that the head is compared with. */
    BASE;

    private boolean noWeakerThan(Pin other) {
      return this == BASE || other == HEAD;
    }
  }

  /**
   * It runs now.
   *
   * @param floor the weakest wall for any of its jobs
   * @param waiting jobs that do not run with the others, and what they wait for
   */
  record Run(Pin definition, Tier floor, Limits limits, Map<Name, Hold> waiting, List<String> why)
      implements Decision {
    public Run {
      waiting = Collections.unmodifiableMap(new TreeMap<>(waiting));
      why = List.copyOf(why);
    }
  }

  /**
   * It waits; until it is released nothing of it is executed, fetched into a sandbox or cached.
   *
   * @param expires when it is over without having run
   * @param released what runs if it is released
   */
  record Hold(List<Reason> reasons, Release release, Instant expires, Run released)
      implements Decision {
    public Hold {
      reasons = List.copyOf(reasons);
      if (reasons.isEmpty()) {
        throw new IllegalArgumentException("a hold without a reason explains nothing");
      }
    }

    /** Whether no approval makes it run; a new decision may. */
    private boolean never() {
      return release instanceof Release.Mend;
    }
  }

  /** It never runs; nobody's approval could make it right. */
  record Refuse(List<Reason> reasons) implements Decision {
    public Refuse {
      reasons = List.copyOf(reasons);
    }
  }

  /**
   * Whether this asks at least as much as {@code other} before anything runs, and then lets no more
   * happen. Two decisions may each be weaker than the other in something.
   */
  default boolean noWeakerThan(Decision other) {
    return switch (this) {
      case Refuse refuse -> true;
      case Hold hold ->
          switch (other) {
            case Run now ->
                hold.never() || hold.released().definition().noWeakerThan(now.definition());
            case Hold(var reasons, var release, var expires, var released) ->
                hold.never()
                    || (hold.release().noWeakerThan(release)
                        && !hold.expires().isAfter(expires)
                        && noWeaker(hold.released(), released));
            case Refuse refuse -> false;
          };
      case Run run -> other instanceof Run now && noWeaker(run, now);
    };
  }

  private static boolean noWeaker(Run run, Run other) {
    return run.definition().noWeakerThan(other.definition())
        && run.floor().holds(other.floor())
        && run.limits().within(other.limits())
        && other.waiting().entrySet().stream()
            .allMatch(job -> {
              Hold mine = run.waiting().get(job.getKey());
              return mine != null && mine.noWeakerThan(job.getValue());
            });
  }
}

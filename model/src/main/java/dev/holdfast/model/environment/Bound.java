package dev.holdfast.model.environment;

import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.json.Quote;
import java.util.LinkedHashSet;
import java.util.List;

/** The names of the environments that a job asks for in an event. */
public sealed interface Bound {
  /** These, in the order of the job. */
  record To(List<EnvironmentName> names) implements Bound {
    public To {
      names = List.copyOf(names);
    }
  }

  /**
   * There is no such name.
   *
   * @param why in one line, with the mend
   */
  record Nameless(String why) implements Bound {}

  /** Those of {@code job}. */
  static Bound of(Job job, Happening happening) {
    var names = new LinkedHashSet<EnvironmentName>();
    for (EnvironmentPattern asked : job.environments()) {
      if (asked.name().isPresent()) {
        names.add(asked.name().get());
        continue;
      }
      boolean branch =
          switch (happening) {
            case Happening.Push _, Happening.Manual _, Happening.Schedule _ -> true;
            // A fork's branch may be called like one of ours, whose environment is not the fork's.
            case Happening.PullRequest request -> !request.fork();
            case Happening.Tag _ -> false;
          };
      if (!branch) {
        return new Nameless(
            asked
                + " ends in the name of a branch of this repository, and the event has none; have"
                + " the job name an environment");
      }
      try {
        names.add(asked.at(happening.ref().value()));
      } catch (IllegalArgumentException e) {
        return new Nameless(
            "there is no environment "
                + asked
                + " for the branch "
                + Quote.of(happening.ref().value())
                + "; name the branch with letters, digits, '.', '-', '_' and single '/'");
      }
    }
    return new To(List.copyOf(names));
  }
}

package dev.holdfast.orchestrator.run;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a job asks of an agent, as it is kept with the job and compared by the queue: labels, and
 * the weakest wall that will do. The wall stands among the labels with a mark that no label can
 * have, so that one index finds both.
 *
 * @param labels sorted, each once
 * @param tier absent where every wall will do
 */
public record Demand(List<String> labels, Optional<Tier> tier) {
  private static final String MARK = "tier:";

  /** A job's own, raised to the floor of its repository. */
  static Demand of(Job job, Optional<Tier> floor) {
    return new Demand(
            job.runsOn().stream().map(Name::value).sorted().distinct().toList(), job.tier())
        .atLeast(floor);
  }

  /** As {@link #text} wrote it. */
  public static Demand read(String text) {
    List<String> parts = text.isEmpty() ? List.of() : Arrays.asList(text.split(","));
    return new Demand(
        parts.stream().filter(part -> !part.startsWith(MARK)).toList(),
        parts.stream()
            .filter(part -> part.startsWith(MARK))
            .map(part -> Tier.valueOf(part.substring(MARK.length())))
            .findFirst());
  }

  /** This, but not below {@code floor}. */
  public Demand atLeast(Optional<Tier> floor) {
    return floor.isEmpty()
        ? this
        : new Demand(labels, Optional.of(tier.map(own -> own.or(floor.get())).orElse(floor.get())));
  }

  public String text() {
    return Stream.concat(labels.stream(), tier.stream().map(wanted -> MARK + wanted.name()))
        .collect(Collectors.joining(","));
  }

  /** What no agent offers, for people: {@code an agent with tier microvm and labels [a, b]}. */
  public String spoken() {
    String walls = tier.map(wanted -> "tier " + wanted.word() + " or stronger").orElse("");
    String marks = labels.isEmpty() ? "" : "labels " + labels;
    return walls + (walls.isEmpty() || marks.isEmpty() ? "" : " and ") + marks;
  }
}

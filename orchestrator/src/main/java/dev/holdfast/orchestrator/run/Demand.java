package dev.holdfast.orchestrator.run;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.orchestrator.fleet.Agent;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a job asks of an agent, as it is kept with the job and compared by the queue: labels, the
 * weakest wall that will do, and whether only containers will. What is no label stands among the
 * labels with a mark that no label can have, so that one index finds all.
 *
 * @param labels sorted, each once
 * @param tier absent where every wall will do
 * @param containers whether the job has services, which only containers can have beside them
 */
public record Demand(List<String> labels, Optional<Tier> tier, boolean containers) {
  private static final String MARK = "tier:";
  private static final String CONTAINERS = "backend:CONTAINER";

  /** A job's own, raised to the floor of its repository. */
  static Demand of(Job job, Optional<Tier> floor) {
    return new Demand(
            job.runsOn().stream().map(Name::value).sorted().distinct().toList(),
            job.tier(),
            !job.services().isEmpty())
        .atLeast(floor);
  }

  /** As {@link #text} wrote it. */
  public static Demand read(String text) {
    List<String> parts = text.isEmpty() ? List.of() : Arrays.asList(text.split(","));
    return new Demand(
        parts.stream().filter(part -> part.indexOf(':') < 0).toList(),
        parts.stream()
            .filter(part -> part.startsWith(MARK))
            .map(part -> Tier.valueOf(part.substring(MARK.length())))
            .findFirst(),
        parts.contains(CONTAINERS));
  }

  /** This, but not below {@code floor}. */
  public Demand atLeast(Optional<Tier> floor) {
    return floor.isEmpty()
        ? this
        : new Demand(
            labels,
            Optional.of(tier.map(own -> own.or(floor.get())).orElse(floor.get())),
            containers);
  }

  public String text() {
    var marks = tier.stream().map(wanted -> MARK + wanted.name());
    return Stream.concat(
            Stream.concat(labels.stream(), marks),
            containers ? Stream.of(CONTAINERS) : Stream.empty())
        .collect(Collectors.joining(","));
  }

  /** Whether it may take a job that asks for this. */
  public boolean isMetBy(Agent agent) {
    return agent.has(labels, tier)
        && (!containers || agent.backend() == AgentApi.Backend.CONTAINER);
  }

  /** What to say to people where no agent meets this; empty if any agent would do. */
  public Optional<String> unmet() {
    if (tier.isEmpty() && !containers) {
      return labels.isEmpty()
          ? Optional.empty()
          : Optional.of("waits for an agent with labels " + labels + "; none has them all");
    }
    String wanted =
        Stream.of(
                tier.map(weakest -> "tier " + weakest.word() + " or stronger").orElse(""),
                containers ? "backend container" : "",
                labels.isEmpty() ? "" : "labels " + labels)
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(" and "));
    return Optional.of(
        containers
            ? "no agent with "
                + wanted
                + " is known, and services run beside containers only; start one, or remove the"
                + " job's services"
            : "no agent with "
                + wanted
                + " is known, and it never runs behind less; start one, or lower the job's tier or"
                + " the repository's floor");
  }
}

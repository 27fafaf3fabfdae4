package dev.holdfast.agent.egress.rule;

import dev.holdfast.agent.egress.rule.Scope.JobScope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the operator allows jobs to reach. Of the parts that match a job the narrowest has the first
 * word: workflow, then repository, then pool, then every job. Within one part what blocks comes
 * before what opens. What no rule names is decided by the blocked ranges, then by the narrowest
 * part's default.
 *
 * @param internalZones names under which the operator's own hosts live; no job can look them up but
 *     by a rule that opens them
 * @param registries rules that open what jobs reach while their steps install, and nothing else
 */
public record EgressPolicy(List<Part> parts, List<String> internalZones, List<Rule> registries) {
  private static final int MOST_RULES = 512;
  private static final int MOST_PORTS = 512;

  /**
   * The rules of one scope.
   *
   * @param otherwise what holds for destinations without a rule, if this part says so
   */
  public record Part(Scope scope, Optional<Mode> otherwise, List<Rule> rules) {
    public Part {
      rules = List.copyOf(rules);
    }

    /** Reads the texts that stand in a configuration. */
    public static Part parse(Scope scope, Optional<String> otherwise, List<String> rules) {
      try {
        return new Part(
            scope, otherwise.map(Mode::parse), rules.stream().map(Rule::parse).toList());
      } catch (BadRule e) {
        throw new BadRule("egress for " + scope + ": " + e.getMessage());
      }
    }
  }

  public EgressPolicy {
    parts = List.copyOf(parts);
    internalZones = internalZones.stream().map(EgressPolicy::zone).toList();
    registries = List.copyOf(registries);
    registries.stream()
        .filter(rule -> !rule.opens())
        .findFirst()
        .ifPresent(rule -> {
          throw new BadRule(
              "\""
                  + rule
                  + "\" stands among the registries, which are opened; move it into a part");
        });
    var seen = new HashSet<Scope>();
    for (Part part : parts) {
      if (!seen.add(part.scope())) {
        throw new BadRule("egress for " + part.scope() + " is there twice; put it into one part");
      }
    }
    List<Rule> rules =
        Stream.concat(parts.stream().flatMap(p -> p.rules().stream()), registries.stream())
            .toList();
    if (rules.size() > MOST_RULES
        || rules.stream().mapToInt(r -> r.ports().ranges().size()).sum() > MOST_PORTS) {
      throw new BadRule(
          "egress has more than "
              + MOST_RULES
              + " rules, or more than "
              + MOST_PORTS
              + " ports in them");
    }
  }

  /** With the registries that everybody knows. */
  public EgressPolicy(List<Part> parts, List<String> internalZones) {
    this(parts, internalZones, Registries.known());
  }

  private static String zone(String text) {
    String zone = text.startsWith(".") ? text.substring(1) : text;
    // A zone may be one label, as in ".corp".
    return Target.name("x." + zone)
        .map(n -> n.substring(2))
        .orElseThrow(() -> new BadRule("internal zone \"" + text + "\" is no name"));
  }

  /** Public destinations, and no more: what holds where an operator has said nothing. */
  public static EgressPolicy standard() {
    return new EgressPolicy(
        List.of(new Part(Scope.everyJob(), Optional.of(Mode.PUBLIC), List.of())), List.of());
  }

  /**
   * What a job that may reach {@code rules} reaches while its steps install: registries, where no
   * rule for the job blocks them. One that reaches nothing reaches nothing then either.
   */
  public JobRules installing(JobRules rules) {
    var placed = new ArrayList<JobRules.Placed>();
    rules.rules().stream().filter(p -> !p.rule().opens()).forEach(placed::add);
    registries.forEach(rule -> placed.add(new JobRules.Placed(rule, Scope.everyJob())));
    return rules.isNone()
        ? rules
        : new JobRules(
            rules.job(),
            Mode.LISTED,
            "what steps that install reach is the agent's registries",
            placed,
            rules.blocked(),
            rules.internalZones());
  }

  /** What of all this holds for {@code job}. */
  public JobRules forJob(JobScope job, Blocked blocked) {
    List<Part> narrowestFirst =
        parts.stream()
            .filter(p -> p.scope().matches(job))
            .sorted(Comparator.comparingInt((Part p) -> p.scope().narrowness()).reversed())
            .toList();
    var placed = new ArrayList<JobRules.Placed>();
    for (Part part : narrowestFirst) {
      part.rules().stream()
          .sorted(Comparator.comparing(Rule::opens))
          .forEach(r -> placed.add(new JobRules.Placed(r, part.scope())));
    }
    Optional<Part> deciding =
        narrowestFirst.stream().filter(p -> p.otherwise().isPresent()).findFirst();
    // Who writes parts and no default for every job has asked for nothing to be open.
    return new JobRules(
        job,
        deciding.flatMap(Part::otherwise).orElse(Mode.LISTED),
        deciding.map(p -> "default of " + p.scope()).orElse("no default given"),
        placed,
        blocked,
        internalZones);
  }
}

package dev.holdfast.orchestrator.web.page;

import dev.holdfast.model.decision.Egress;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.plan.PlannedJob;
import dev.holdfast.model.secret.SecretName;
import dev.holdfast.model.trust.Trust;
import dev.holdfast.orchestrator.hold.Hold;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a job would get, were its hold released now.
 *
 * @param times how many of it a matrix makes
 * @param tier the weakest wall; empty where every wall will do
 * @param secrets that its steps ask for
 * @param given whether it is given them
 * @param environments that it asks for
 * @param granted those that releasing this hold grants
 */
record JobGets(
    String name,
    int times,
    Optional<String> image,
    Optional<Tier> tier,
    boolean root,
    List<Secret> secrets,
    Given given,
    List<String> environments,
    List<EnvironmentName> granted,
    boolean cacheWrites,
    Egress egress,
    List<String> services,
    List<What> steps) {

  /** Where its secrets come from. */
  enum Given {
    /** Of its repository and organisation, and of the environments that it was granted. */
    ALL,
    /** Of the environments that releasing this hold grants, and of nothing else. */
    OF_ENVIRONMENTS,
    /** Its code is not trusted, and no environment is granted for it. */
    NOT_TRUSTED,
    /** What is released is to get none. */
    LIMITED
  }

  /** A secret by its name, and the step that asks for it. */
  record Secret(String name, String step) {}

  /**
   * What a step does.
   *
   * @param waits whether its workflow has it wait for people
   * @param text its script; empty where it is Java code
   */
  record What(String name, boolean waits, Optional<String> text) {}

  /**
   * What the jobs get that {@code hold} keeps.
   *
   * @param tiers the weakest wall of each job, by its key, as its row in the queue has it
   */
  static List<JobGets> of(
      Hold hold,
      List<PlannedJob> plan,
      Map<String, Optional<Tier>> tiers,
      Optional<Trust> trust,
      List<EnvironmentName> granted) {
    Map<String, List<PlannedJob>> byName = new LinkedHashMap<>();
    for (PlannedJob planned : plan) {
      if (hold.job().isEmpty() || hold.job().get().equals(planned.job().name())) {
        byName.computeIfAbsent(planned.job().name().value(), _ -> new ArrayList<>()).add(planned);
      }
    }
    return byName.values().stream()
        .map(of -> {
          PlannedJob first = of.getFirst();
          return of(
              hold,
              first.job(),
              of.size(),
              tiers.getOrDefault(first.key(), Optional.of(Tier.NAMESPACES)),
              trust,
              granted);
        })
        .toList();
  }

  private static JobGets of(
      Hold hold,
      Job job,
      int times,
      Optional<Tier> tier,
      Optional<Trust> trust,
      List<EnvironmentName> granted) {
    Given given =
        !hold.limits().secrets()
            ? Given.LIMITED
            : trust.filter(Trust.TRUSTED::equals).isPresent()
                ? Given.ALL
                : granted.isEmpty() ? Given.NOT_TRUSTED : Given.OF_ENVIRONMENTS;
    return new JobGets(
        job.name().value(),
        times,
        job.image(),
        tier,
        job.root() && hold.limits().root(),
        job.steps().stream()
            .flatMap(step ->
                sorted(step.secretNames()).stream().map(name -> new Secret(name, step.name())))
            .toList(),
        given,
        job.environments().stream().map(asked -> asked.value()).toList(),
        granted,
        !job.cache().isEmpty() && hold.limits().cacheWrites(),
        hold.limits().egress(),
        job.services().stream().map(service -> service.image()).toList(),
        job.steps().stream().map(JobGets::what).toList());
  }

  private static List<String> sorted(Collection<SecretName> names) {
    return names.stream().map(SecretName::value).sorted().toList();
  }

  private static What what(Step step) {
    return switch (step) {
      case Step.Command command ->
          new What(step.name(), step.approval().isPresent(), Optional.of(command.run()));
      case Step.Code _ -> new What(step.name(), step.approval().isPresent(), Optional.empty());
    };
  }
}

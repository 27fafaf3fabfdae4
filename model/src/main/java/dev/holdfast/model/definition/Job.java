package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import dev.holdfast.model.secret.SecretName;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One job: steps that share a sandbox.
 *
 * @param needs jobs of the same workflow that must be over first
 * @param runsOn labels that an agent must have, all of them
 * @param image what a container is made from; where absent, the agent's default
 * @param env for every step
 * @param matrix axes; the job is run once for each combination of their values
 * @param directory below the workspace, where steps run
 * @param timeout for the whole job; where absent, {@link #DEFAULT_TIMEOUT}
 * @param tier the weakest wall that will do; where absent, what the repository's floor says
 * @param user who its steps are; where absent, {@link JobUser#JOB}
 * @param services containers beside it, each with a name of its own
 * @param approval what it waits for once it could start; where absent, nothing
 * @param environments that it runs in, all of them or not at all; what a later one says takes the
 *     place of what an earlier one does
 * @param cache files that it finds again from earlier runs
 * @param artifacts files that it gives to later jobs and is given by earlier ones
 * @param caches that it builds on none, if it says so
 */
public record Job(
    Name name,
    List<Name> needs,
    List<Name> runsOn,
    Optional<String> image,
    Map<String, String> env,
    Map<String, List<String>> matrix,
    Optional<String> directory,
    Optional<When> when,
    Optional<TimeLimit> timeout,
    Optional<Tier> tier,
    Optional<JobUser> user,
    List<Service> services,
    Optional<JobApproval> approval,
    List<EnvironmentPattern> environments,
    List<Cache> cache,
    Optional<Artifacts> artifacts,
    Optional<JobCaches> caches,
    List<Step> steps) {

  /** An hour: long enough for most builds, short enough that a stuck one frees its agent. */
  public static final TimeLimit DEFAULT_TIMEOUT = new TimeLimit("1h");

  private static final int MOST_STEPS = 200;
  private static final int MOST_COMBINATIONS = 256;
  private static final int MOST_AXES = 8;
  private static final int MOST_ENVIRONMENTS = 5;
  private static final int LONGEST_VALUE = 100;

  public Job {
    env = Env.checked(env);
    directory = directory.map(Texts::directory);
    image = image.map(Texts::image);
    Texts.count("needs of job " + name, needs.size(), Validation.MOST_JOBS);
    Texts.count("labels of job " + name, runsOn.size(), 20);
    Texts.count("matrix axes of job " + name, matrix.size(), MOST_AXES);
    Texts.count("services of job " + name, services.size(), Service.MOST);
    Texts.count("environments of job " + name, environments.size(), MOST_ENVIRONMENTS);
    if (environments.stream().distinct().count() < environments.size()) {
      throw new IllegalArgumentException("the job " + name + " names an environment twice");
    }
    Texts.count("caches of job " + name, cache.size(), Cache.MOST);
    if (steps.isEmpty() || steps.size() > MOST_STEPS) {
      throw new IllegalArgumentException(
          "the job " + name + " has " + steps.size() + " steps; give it 1 to " + MOST_STEPS);
    }
    var axes = new LinkedHashMap<String, List<String>>();
    long combinations = 1;
    for (var axis : matrix.entrySet()) {
      new Name(axis.getKey());
      Texts.count(
          "values of matrix axis " + axis.getKey(), axis.getValue().size(), MOST_COMBINATIONS);
      var values = axis.getValue().stream().map(Job::matrixValue).toList();
      if (values.isEmpty() || values.stream().distinct().count() < values.size()) {
        throw new IllegalArgumentException(
            "the matrix axis "
                + axis.getKey()
                + " of job "
                + name
                + " is empty or names a value"
                + " twice");
      }
      axes.put(axis.getKey(), values);
      combinations = Math.min(combinations * values.size(), Integer.MAX_VALUE);
    }
    if (combinations > MOST_COMBINATIONS) {
      throw new IllegalArgumentException(
          "the matrix of job " + name + " has more than " + MOST_COMBINATIONS + " combinations");
    }
    matrix = Collections.unmodifiableMap(axes);
  }

  /** Without files that are kept. */
  public Job(
      Name name,
      List<Name> needs,
      List<Name> runsOn,
      Optional<String> image,
      Map<String, String> env,
      Map<String, List<String>> matrix,
      Optional<String> directory,
      Optional<When> when,
      Optional<TimeLimit> timeout,
      Optional<Tier> tier,
      Optional<JobUser> user,
      List<Service> services,
      Optional<JobApproval> approval,
      List<EnvironmentPattern> environments,
      List<Step> steps) {
    this(
        name,
        needs,
        runsOn,
        image,
        env,
        matrix,
        directory,
        when,
        timeout,
        tier,
        user,
        services,
        approval,
        environments,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        steps);
  }

  /** On whatever tier there is, not as root, without services or environments, and at once. */
  public Job(
      Name name,
      List<Name> needs,
      List<Name> runsOn,
      Optional<String> image,
      Map<String, String> env,
      Map<String, List<String>> matrix,
      Optional<String> directory,
      Optional<When> when,
      Optional<TimeLimit> timeout,
      List<Step> steps) {
    this(
        name,
        needs,
        runsOn,
        image,
        env,
        matrix,
        directory,
        when,
        timeout,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        List.of(),
        steps);
  }

  /** Without its services: what the job's own sandbox needs to know. */
  public Job withoutServices() {
    return services.isEmpty()
        ? this
        : new Job(
            name,
            needs,
            runsOn,
            image,
            env,
            matrix,
            directory,
            when,
            timeout,
            tier,
            user,
            List.of(),
            approval,
            environments,
            cache,
            artifacts,
            caches,
            steps);
  }

  /** What it uploads. */
  public List<Artifacts.Upload> uploads() {
    return artifacts.map(Artifacts::upload).orElse(List.of());
  }

  /** What it downloads. */
  public List<Artifacts.Download> downloads() {
    return artifacts.map(Artifacts::download).orElse(List.of());
  }

  /** Whether its steps are root in their sandbox. */
  public boolean root() {
    return user.filter(JobUser.ROOT::equals).isPresent();
  }

  /** The number of jobs that its matrix makes of it; 1 without one. */
  public int combinations() {
    return matrix.values().stream().mapToInt(List::size).reduce(1, (a, b) -> a * b);
  }

  /** Values make the key of a planned job, so what separates them there cannot be in them. */
  private static String matrixValue(String value) {
    if (value.length() > LONGEST_VALUE || value.matches(".*[\\[\\],=].*")) {
      throw new IllegalArgumentException(
          "the matrix value "
              + Quote.of(value)
              + " is longer than 100 characters or holds one of [ ] , =");
    }
    return Texts.line("matrix value", value);
  }

  /** The names of the secrets that its steps are given. */
  public Set<SecretName> secretNames() {
    return steps.stream()
        .flatMap(step -> step.secretNames().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Which of its outputs are secret, whichever step puts them out. */
  public Set<Name> secretOutputs() {
    return steps.stream()
        .flatMap(step -> step.secretOutputs().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Whether its runner asks the agent before it starts this step: the step needs something, or
   * waits, or may reach more than those that install, which came before.
   */
  public boolean asks(int step) {
    return steps.get(step).asks() || (installs() && !steps.get(step).installs());
  }

  /** Whether it begins with steps that only fetch what later ones work with. */
  public boolean installs() {
    return steps.getFirst().installs();
  }

  /** Whom its steps are given tokens for. */
  public Set<Audience> audiences() {
    return steps.stream()
        .flatMap(step -> step.audiences().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether a step of it needs the workflow's Java sources compiled. */
  public boolean hasCode() {
    return steps.stream().anyMatch(Step.Code.class::isInstance);
  }
}

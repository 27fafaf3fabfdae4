package dev.holdfast.sdk;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A job: steps that share one sandbox. Made by {@link Workflows#job(String)}. */
public final class Job {
  private final Parts parts;

  /**
   * What a job is made of, for the tools that read it.
   *
   * @param name unique in its workflow
   * @param needs jobs that must be over first
   * @param runsOn labels that an agent must have
   * @param image what its container is made from
   * @param env for every step
   * @param matrix axes and their values
   * @param directory below the workspace
   * @param when on what outcome of the jobs it needs it runs
   * @param timeout how long it may take, as {@code 10m}
   * @param tier the weakest wall that will do
   * @param root whether its steps are root in their container
   * @param services containers beside it
   * @param approvals how many people it waits for; 0 for none
   * @param approvalReason what they are told
   * @param environments that it runs in
   * @param steps in their order
   * @param place where it was written
   */
  public record Parts(
      String name,
      List<Need> needs,
      List<String> runsOn,
      Optional<String> image,
      Map<String, String> env,
      Map<String, List<String>> matrix,
      Optional<String> directory,
      Optional<When> when,
      Optional<String> timeout,
      Optional<Tier> tier,
      boolean root,
      List<Service> services,
      int approvals,
      Optional<String> approvalReason,
      List<String> environments,
      List<Step> steps,
      Place place) {}

  /**
   * A job that another one needs.
   *
   * @param job its name
   * @param place where that was written
   */
  public record Need(String job, Place place) {}

  Job(Parts parts) {
    this.parts = parts;
  }

  static Job named(String name, Place place) {
    return new Job(
        new Parts(
            name,
            List.of(),
            List.of(),
            Optional.empty(),
            Map.of(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            List.of(),
            0,
            Optional.empty(),
            List.of(),
            List.of(),
            place));
  }

  /** Jobs of the same workflow that must be over before this one starts. */
  public Job needs(Job... jobs) {
    var names = new ArrayList<String>();
    for (Job job : Given.some("job", jobs)) {
      names.add(job.parts.name);
    }
    return needing(names, Place.ofCaller());
  }

  /** As {@link #needs(Job...)}, by name. */
  public Job needs(String... jobs) {
    return needing(Given.some("name of a job", jobs), Place.ofCaller());
  }

  private Job needing(List<String> names, Place place) {
    var needs = new ArrayList<Need>();
    for (String name : names) {
      needs.add(new Need(name, place));
    }
    return with(d -> d.needs = Given.joined(parts.needs, needs));
  }

  /** Labels that an agent must have, all of them, to run this job. */
  public Job runsOn(String... labels) {
    return with(d -> d.runsOn = Given.joined(parts.runsOn, Given.some("label", labels)));
  }

  /** What its container is made from, as {@code maven:3-eclipse-temurin-25}. */
  public Job image(String image) {
    return with(d -> d.image = Optional.of(Given.notNull("the image", image)));
  }

  /** Sets an environment variable for every step. Steps can set it again for themselves. */
  public Job env(String name, String value) {
    return with(d -> d.env = Given.added("the variable", parts.env, name, value));
  }

  /**
   * Adds an axis: the job is run once for each combination of the values of all axes. Steps find
   * theirs by {@link StepContext#matrix(String)} or as {@code HOLDFAST_MATRIX_<AXIS>}.
   */
  public Job matrix(String axis, String... values) {
    return with(d ->
        d.matrix = Given.added("the axis", parts.matrix, axis, Given.some("matrix value", values)));
  }

  /** How long the whole job may take, as {@code 90s}, {@code 10m} or {@code 2h}; else an hour. */
  public Job timeout(String limit) {
    return with(d -> d.timeout = Optional.of(Given.notNull("the timeout", limit)));
  }

  /** How long the whole job may take, in whole seconds. */
  public Job timeout(Duration limit) {
    return timeout(Given.notNull("the timeout", limit).toSeconds() + "s");
  }

  /** Where its steps run, as a path below the workspace; where not called, in the workspace. */
  public Job directory(String path) {
    return with(d -> d.directory = Optional.of(Given.notNull("the directory", path)));
  }

  /** On what outcome of the jobs it needs this one runs; where not called, on success. */
  public Job when(When when) {
    return with(d -> d.when = Optional.of(Given.notNull("when", when)));
  }

  /**
   * The weakest wall that will do; an agent with a weaker one never gets this job. Where not
   * called, the repository's floor decides.
   */
  public Job tier(Tier tier) {
    return with(d -> d.tier = Optional.of(Given.notNull("the tier", tier)));
  }

  /**
   * Lets its steps be root in their container, as a package manager wants it. An agent refuses such
   * a job unless its own policy allows it.
   */
  public Job root() {
    return with(d -> d.root = true);
  }

  /**
   * Adds a container beside this job's own, in the same network: the job reaches it at {@code
   * localhost} and at {@code name}. As in {@code service("db", "postgres:17", s ->
   * s.env("POSTGRES_PASSWORD", "test").readyAt(5432))}.
   *
   * @param name 1 to 63 small letters, digits or dashes, starting with a letter; unique in the job
   * @param image what the container is made from
   * @param with says what else there is to say; at least when the service is ready
   */
  public Job service(String name, String image, UnaryOperator<Service> with) {
    Place place = Place.ofCaller();
    var plain =
        Service.of(
            Given.notNull("the name of a service", name),
            Given.notNull("the image of a service", image),
            place);
    Service made = Given.notNull("the service", Given.notNull("with", with).apply(plain));
    return with(d -> d.services = Given.joined(parts.services, List.of(made)));
  }

  /**
   * Has this job wait until somebody with the right to approve releases it, for exactly the commit
   * and the definition that would run. Nobody releases their own change, unless the policy lets
   * them. What it needs runs meanwhile.
   *
   * @param reason what they are told, as {@code deploys to production}
   */
  public Job approval(String reason) {
    return approval(1, reason);
  }

  /**
   * As {@link #approval(String)}, by more than one.
   *
   * @param count how many different people, 1 to 10; more if the policy asks for more
   */
  public Job approval(int count, String reason) {
    return with(d -> {
      d.approvals = count;
      d.approvalReason = Optional.of(Given.notNull("the reason", reason));
    });
  }

  /**
   * Has this job run in environments that are kept in Holdfast: it gets their variables, may be
   * given their secrets, and starts only where and when their rules let it. It never starts without
   * one that it names. What a later environment says takes the place of what an earlier one does.
   *
   * @param names as {@code production}; {@code review/*} is the one below {@code review} that is
   *     named like the branch that the job runs for
   */
  public Job environment(String... names) {
    return with(d ->
        d.environments =
            Given.joined(parts.environments, Given.some("name of an environment", names)));
  }

  /** Adds a step, as in {@code step("unit tests", sh("mvn -B verify"))}. */
  public Job step(String name, Action action) {
    return adding(name, Given.notNull("what the step does", action), Place.ofCaller());
  }

  /** Adds a step that is Java code; {@link Workflows#code} gives it options. */
  public Job step(String name, StepCode code) {
    return adding(name, Workflows.code(code), Place.ofCaller());
  }

  private Job adding(String name, Action action, Place place) {
    var step = new Step(Given.notNull("the name of a step", name), action, place);
    return with(d -> d.steps = Given.joined(parts.steps, List.of(step)));
  }

  /** What it is made of, for tools. */
  public Parts parts() {
    return parts;
  }

  private Job with(Consumer<Draft> change) {
    var draft = new Draft(parts);
    change.accept(draft);
    return new Job(draft.parts());
  }

  /**
   * Parts on their way to becoming others, so that each method above names only what it changes.
   */
  private static final class Draft {
    private final String name;
    private final Place place;
    private List<Need> needs;
    private List<String> runsOn;
    private Optional<String> image;
    private Map<String, String> env;
    private Map<String, List<String>> matrix;
    private Optional<String> directory;
    private Optional<When> when;
    private Optional<String> timeout;
    private Optional<Tier> tier;
    private boolean root;
    private List<Service> services;
    private int approvals;
    private Optional<String> approvalReason;
    private List<String> environments;
    private List<Step> steps;

    Draft(Parts parts) {
      name = parts.name;
      place = parts.place;
      needs = parts.needs;
      runsOn = parts.runsOn;
      image = parts.image;
      env = parts.env;
      matrix = parts.matrix;
      directory = parts.directory;
      when = parts.when;
      timeout = parts.timeout;
      tier = parts.tier;
      root = parts.root;
      services = parts.services;
      approvals = parts.approvals;
      approvalReason = parts.approvalReason;
      environments = parts.environments;
      steps = parts.steps;
    }

    Parts parts() {
      return new Parts(
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
          root,
          services,
          approvals,
          approvalReason,
          environments,
          steps,
          place);
    }
  }
}

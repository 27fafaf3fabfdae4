package dev.holdfast.sdk;

import java.util.List;
import java.util.Optional;

/** Where every definition starts; made for {@code import static}. */
public final class Workflows {
  private Workflows() {}

  /**
   * A workflow, to be given triggers and jobs.
   *
   * @param name 1 to 100 letters, digits, dots, dashes or underscores; unique in the repository
   */
  public static Workflow workflow(String name) {
    return new Workflow(
        new Workflow.Parts(
            Given.notNull("the name of a workflow", name), List.of(), List.of(), Place.ofCaller()));
  }

  /**
   * A job, to be given steps.
   *
   * @param name 1 to 100 letters, digits, dots, dashes or underscores; unique in its workflow
   */
  public static Job job(String name) {
    return Job.named(Given.notNull("the name of a job", name), Place.ofCaller());
  }

  /**
   * A command step: a script for {@code /bin/sh -e}. Nothing is spliced into it; what it is to know
   * of the event, inputs and earlier jobs it finds in its environment, as {@code $HOLDFAST_REF}.
   */
  public static Command sh(String script) {
    return Command.of(Given.notNull("the script", script));
  }

  /** Java code as a step, where it is to have options; else give the lambda itself. */
  public static Code code(StepCode body) {
    return new Code(
        new Code.Parts(
            Given.notNull("the code", body),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            false,
            0,
            Optional.empty(),
            List.of(),
            List.of()));
  }

  /** A push to any branch, until filters narrow it. */
  public static Push push() {
    return new Push(new Push.Parts(List.of(), List.of(), List.of(), Place.ofCaller()));
  }

  /** Any pull request that is opened, gets commits or is opened again, until filters narrow it. */
  public static PullRequest pullRequest() {
    return new PullRequest(
        new PullRequest.Parts(List.of(), List.of(), List.of(), Place.ofCaller()));
  }

  /** A person, or a script of theirs, who asks for it. */
  public static Manual manual() {
    return new Manual(new Manual.Parts(List.of(), Place.ofCaller()));
  }

  /**
   * The clock, in UTC.
   *
   * @param cron five fields: minute, hour, day of month, month, day of week, as {@code 30 4 * * 1}
   */
  public static Schedule schedule(String cron) {
    return new Schedule(Given.notNull("the schedule", cron), Place.ofCaller());
  }

  /** An input that takes any text. */
  public static Input text(String name) {
    return input(name, Input.Kind.TEXT, List.of());
  }

  /** An input that takes a decimal number. */
  public static Input number(String name) {
    return input(name, Input.Kind.NUMBER, List.of());
  }

  /** An input that is true or false. */
  public static Input bool(String name) {
    return input(name, Input.Kind.BOOLEAN, List.of());
  }

  /** An input that is one of these. */
  public static Input choice(String name, String... choices) {
    return input(name, Input.Kind.CHOICE, Given.some("choice", choices));
  }

  private static Input input(String name, Input.Kind kind, List<String> choices) {
    return new Input(
        new Input.Parts(
            Given.notNull("the name of an input", name),
            kind,
            Optional.empty(),
            Optional.empty(),
            choices,
            Place.ofCaller()));
  }
}

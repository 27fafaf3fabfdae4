package dev.holdfast.sdk;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A container beside a job's own. Made by {@link Job#service}. */
public final class Service {
  private final Parts parts;

  /**
   * What a service is made of, for the tools that read it.
   *
   * @param name by which the job reaches it
   * @param image what its container is made from
   * @param env for its program
   * @param command instead of the image's own; empty for that
   * @param port that accepts connections once it is ready
   * @param script that ends with 0 once it is ready
   * @param within how long that may take, as {@code 90s}
   * @param place where it was written
   */
  public record Parts(
      String name,
      String image,
      Map<String, String> env,
      List<String> command,
      Optional<Integer> port,
      Optional<String> script,
      Optional<String> within,
      Place place) {}

  private Service(Parts parts) {
    this.parts = parts;
  }

  static Service of(String name, String image, Place place) {
    return new Service(
        new Parts(
            name,
            image,
            Map.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            place));
  }

  /** Sets an environment variable of its program. */
  public Service env(String name, String value) {
    return with(d -> d.env = Given.added("the variable", parts.env, name, value));
  }

  /**
   * What it runs instead of the image's own command, a word at a time and without a shell; where
   * the image has an entry point, these are its arguments.
   */
  public Service command(String... words) {
    return with(d -> d.command = Given.some("word of the command", words));
  }

  /** It is ready once something accepts TCP connections at this port. */
  public Service readyAt(int port) {
    return with(d -> {
      d.port = Optional.of(port);
      d.script = Optional.empty();
    });
  }

  /** It is ready once this script for {@code /bin/sh}, run in its container, ends with 0. */
  public Service readyWhen(String script) {
    return with(d -> {
      d.script = Optional.of(Given.notNull("the script", script));
      d.port = Optional.empty();
    });
  }

  /** How long it may take to be ready, as {@code 90s} or {@code 2m}; else 60 s. */
  public Service within(String limit) {
    return with(d -> d.within = Optional.of(Given.notNull("the time limit", limit)));
  }

  /** How long it may take to be ready, in whole seconds. */
  public Service within(Duration limit) {
    return within(Given.notNull("the time limit", limit).toSeconds() + "s");
  }

  /** What it is made of, for tools. */
  public Parts parts() {
    return parts;
  }

  private Service with(Consumer<Draft> change) {
    var draft = new Draft(parts);
    change.accept(draft);
    return new Service(
        new Parts(
            parts.name,
            parts.image,
            draft.env,
            draft.command,
            draft.port,
            draft.script,
            draft.within,
            parts.place));
  }

  /** What can still change. */
  private static final class Draft {
    private Map<String, String> env;
    private List<String> command;
    private Optional<Integer> port;
    private Optional<String> script;
    private Optional<String> within;

    Draft(Parts parts) {
      env = parts.env;
      command = parts.command;
      port = parts.port;
      script = parts.script;
      within = parts.within;
    }
  }
}

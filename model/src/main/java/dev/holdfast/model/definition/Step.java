package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import java.util.Map;
import java.util.Optional;

/** One step of a job. Steps run one after the other, in the job's one sandbox. */
public sealed interface Step {
  /** Free text on one line, at most 200 characters; unique in its job. */
  String name();

  Optional<When> when();

  Optional<TimeLimit> timeout();

  /**
   * A command: data, needs no Java to run. {@code run} is a script for {@code /bin/sh -e}; nothing
   * is ever spliced into it, what it is to know reaches it as environment variables.
   *
   * @param directory below the workspace; where absent, the job's
   */
  record Command(
      String name,
      String run,
      Map<String, String> env,
      Optional<String> directory,
      Optional<When> when,
      Optional<TimeLimit> timeout)
      implements Step {
    private static final int LONGEST_SCRIPT = 128 * 1024;

    public Command {
      name = Texts.line("step name", name);
      if (run.isBlank() || run.length() > LONGEST_SCRIPT || run.indexOf('\0') >= 0) {
        throw new IllegalArgumentException(
            "the step "
                + Quote.of(name)
                + " has a script that is empty, over 128 KiB, or holds a"
                + " NUL character");
      }
      env = Env.checked(env);
      directory = directory.map(Texts::directory);
    }
  }

  /** Java code of the workflow's author, found again at run time by job and step name. */
  record Code(String name, Optional<When> when, Optional<TimeLimit> timeout) implements Step {
    public Code {
      name = Texts.line("step name", name);
    }
  }
}

package dev.holdfast.model.definition;

import dev.holdfast.model.json.Quote;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A container beside a job, in the job's network: a database, for instance. The job finds it at
 * {@code localhost} and by its name.
 *
 * @param name a host name's label
 * @param image what its container is made from
 * @param env for its program, beside what the image sets
 * @param command instead of the image's own, after its entry point if it has one; empty for that
 * @param ready when the job's first step may start
 */
public record Service(
    String name, String image, Map<String, String> env, List<String> command, Ready ready) {
  /** More than any job's; together they share half of what the job may use. */
  public static final int MOST = 8;

  /** A letter first: whatever begins like a number is read as an address by some programs. */
  private static final Pattern LABEL = Pattern.compile("[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

  private static final int MOST_WORDS = 100;
  private static final int LONGEST_WORDS = 32 * 1024;

  public Service {
    if (!LABEL.matcher(name).matches() || name.equals("localhost")) {
      throw new IllegalArgumentException(
          "the service's name "
              + Quote.of(name)
              + " is not one of a host; use 1 to 63 small letters, digits or '-', starting with a"
              + " letter, and not localhost");
    }
    image = Texts.image(image);
    env = Env.checked(env);
    command = List.copyOf(command);
    Texts.count("words in the command of service " + name, command.size(), MOST_WORDS);
    if (command.stream().mapToInt(String::length).sum() > LONGEST_WORDS
        || command.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
      throw new IllegalArgumentException(
          "the command of service " + name + " is over 32 KiB or holds a NUL character");
    }
  }

  /** When a service can be used. */
  public sealed interface Ready {
    /** A minute: longer than most databases need for an empty start. */
    TimeLimit DEFAULT_WITHIN = new TimeLimit("60s");

    /** How long that may take; where absent, {@link #DEFAULT_WITHIN}. */
    Optional<TimeLimit> within();

    /** How long that may take. */
    default Duration patience() {
      return within().orElse(DEFAULT_WITHIN).duration();
    }

    /** Once something accepts TCP connections at this port. */
    record Port(int port, Optional<TimeLimit> within) implements Ready {
      public Port {
        if (port < 1 || port > 65535) {
          throw new IllegalArgumentException(
              port + " is not a port; give the one that the service listens at, 1 to 65535");
        }
        Ready.bounded(within);
      }
    }

    /** Once a script for {@code /bin/sh}, run in the service's container, ends with 0. */
    record Command(String run, Optional<TimeLimit> within) implements Ready {
      private static final int LONGEST = 8 * 1024;

      public Command {
        if (run.isBlank() || run.length() > LONGEST || run.indexOf('\0') >= 0) {
          throw new IllegalArgumentException(
              "the script that says whether the service is ready is empty, over 8 KiB, or holds a"
                  + " NUL character");
        }
        Ready.bounded(within);
      }
    }

    private static void bounded(Optional<TimeLimit> within) {
      if (within.isPresent() && within.get().duration().compareTo(Duration.ofMinutes(10)) > 0) {
        throw new IllegalArgumentException(
            "a service cannot take "
                + within.get()
                + " to be ready; give it at most 10m, or an image that starts sooner");
      }
    }
  }
}

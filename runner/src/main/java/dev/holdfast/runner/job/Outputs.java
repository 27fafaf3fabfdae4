package dev.holdfast.runner.job;

import dev.holdfast.model.definition.Name;
import dev.holdfast.model.secret.Maskable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** What a step may give to the jobs that need its job. */
public final class Outputs {
  /** As long as a variable that an author sets may be, since it reaches other jobs as one. */
  private static final int LONGEST_VALUE = 32 * 1024;

  /** For one step. */
  public static final int MOST = 100;

  /** In characters, for one step: more than anybody reads, and well within a control frame. */
  public static final int LONGEST_SUMMARY = 1024 * 1024;

  private Outputs() {}

  /** Where secret outputs go, at once. */
  @FunctionalInterface
  public interface Sink {
    void put(Name name, String value) throws IOException;
  }

  /** Why this cannot be the value of a secret output; empty if it can. */
  public static Optional<String> unfit(Name name, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    Optional<String> why = Maskable.refusal(bytes);
    Arrays.fill(bytes, (byte) 0);
    return why.map(reason -> "the output " + name + " cannot be a secret: " + reason);
  }

  /**
   * The name of an output that may have this value.
   *
   * @throws IllegalArgumentException if the name or the value is not allowed
   */
  public static Name checked(String name, String value) {
    var checked = new Name(name);
    if (value.length() > LONGEST_VALUE || value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "the output "
              + name
              + " is longer than 32 KiB or holds a NUL character; keep it in a file instead");
    }
    return checked;
  }
}

package dev.holdfast.sdk;

import java.nio.file.Path;
import java.util.List;

/**
 * The secrets that a step is given: those that it names ({@link Code#secrets}), as far as the run
 * may have them. They are in no environment, argument or file unless the step asks for that here,
 * and are gone after it. Thread-safe.
 */
public interface Secrets {
  /**
   * A secret's value, as UTF-8. It is a text of the step's own from then on: what holds it, holds
   * it.
   *
   * @throws IllegalArgumentException if the step does not name it, or is not given it; says why
   */
  String get(String name);

  /** Whether the step is given it. */
  boolean has(String name);

  /** The names of those that it is given. */
  List<String> list();

  /**
   * Puts it into the environment of the scripts that this step starts from now on, under its own
   * name. Any process of the job can read it there while they run.
   *
   * @throws IllegalArgumentException as {@link #get}
   */
  void expose(String name);

  /**
   * As {@link #expose(String)}, under another name.
   *
   * @param variable of the environment
   */
  void expose(String name, String variable);

  /**
   * Puts it into a file of its own, which only the job's user can read, in memory and never on a
   * disk. It is gone after the step.
   *
   * @throws IllegalArgumentException as {@link #get}
   * @throws IllegalStateException if there is no memory file system to put it on
   */
  Path mountFile(String name);
}

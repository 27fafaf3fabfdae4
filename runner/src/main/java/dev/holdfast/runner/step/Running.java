package dev.holdfast.runner.step;

/** Something that was started, ends by itself, and can be stopped. Thread-safe. */
public interface Running {
  /** Whether it has ended. Once it has, {@link Supervisor#changed} has been called. */
  boolean over();

  /** Asks it to end. */
  void terminate();

  /** Ends it, as far as that can be done from outside. */
  void kill();
}

package dev.holdfast.model.trust;

import java.util.Optional;

/**
 * What asking somebody else came to. That there is nothing and that nobody could tell are different
 * answers: only the first is knowledge.
 */
public sealed interface Lookup<T> {
  /** The answer. */
  record Known<T>(T value) implements Lookup<T> {}

  /** The one asked says that there is none. */
  record Absent<T>() implements Lookup<T> {}

  /** Nobody answered: a time-out, an error, a refusal. */
  record Failed<T>(String why) implements Lookup<T> {}

  /** The value, if it is known. */
  default Optional<T> known() {
    return this instanceof Known<T>(T value) ? Optional.of(value) : Optional.empty();
  }
}

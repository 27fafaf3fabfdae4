package dev.holdfast.model.decision;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;

/** Something with a name, on both sides of a comparison or on one. */
sealed interface Named<T> {
  String name();

  /** Only after. */
  record Added<T>(String name, T value) implements Named<T> {}

  /** Only before. */
  record Removed<T>(String name) implements Named<T> {}

  /** On both sides; the same or not. */
  record Both<T>(String name, T before, T after) implements Named<T> {}

  /** Brings {@code before} and {@code after} together by name, in their order. */
  static <T> List<Named<T>> pairs(List<T> before, List<T> after, Function<T, String> name) {
    var later = new LinkedHashMap<String, T>();
    after.forEach(value -> later.put(name.apply(value), value));
    var pairs = new ArrayList<Named<T>>();
    for (T old : before) {
      T now = later.remove(name.apply(old));
      pairs.add(
          now == null ? new Removed<>(name.apply(old)) : new Both<>(name.apply(old), old, now));
    }
    later.forEach((added, value) -> pairs.add(new Added<>(added, value)));
    return pairs;
  }
}

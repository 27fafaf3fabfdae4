package dev.holdfast.sdk;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks what an author gave, at the line that gave it. */
final class Given {
  private Given() {}

  static <T> T notNull(String what, @Nullable T value) {
    if (value == null) {
      throw new IllegalArgumentException(what + " is null; give one");
    }
    return value;
  }

  @SafeVarargs
  static <T> List<T> some(String what, @Nullable T... values) {
    if (values == null || values.length == 0) {
      throw new IllegalArgumentException("no " + what + " is given; give at least one");
    }
    var list = new ArrayList<T>(values.length);
    for (T value : values) {
      list.add(notNull("a " + what, value));
    }
    return List.copyOf(list);
  }

  static <T> List<T> joined(List<T> first, List<T> second) {
    var list = new ArrayList<T>(first);
    list.addAll(second);
    return List.copyOf(list);
  }

  static <V> Map<String, V> added(String what, Map<String, V> map, String name, V value) {
    var longer = new LinkedHashMap<>(map);
    if (longer.put(notNull("the name of " + what, name), notNull("the value of " + what, value))
        != null) {
      throw new IllegalArgumentException(what + " " + name + " is given twice; remove one");
    }
    return java.util.Collections.unmodifiableMap(longer);
  }
}

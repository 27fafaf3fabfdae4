package dev.holdfast.model.json;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** A JSON value. Immutable; objects keep the order of their fields. */
public sealed interface Json {

  /** The one {@code null}. */
  Null NULL = new Null();

  /** An object; field names are unique, since the parser refuses duplicates. */
  record Obj(SequencedMap<String, Json> fields) implements Json {
    public Obj {
      fields = java.util.Collections.unmodifiableSequencedMap(new LinkedHashMap<>(fields));
    }

    /** An object of these fields, in the map's own order. */
    public static Obj of(Map<String, Json> fields) {
      return new Obj(new LinkedHashMap<>(fields));
    }
  }

  /** An array. */
  record Arr(List<Json> items) implements Json {
    public Arr {
      items = List.copyOf(items);
    }
  }

  /** A string. */
  record Str(String value) implements Json {}

  /** A number, kept as it was written, so that no precision is lost on the way. */
  record Num(String literal) implements Json {
    public static Num of(long value) {
      return new Num(Long.toString(value));
    }
  }

  /** {@code true} or {@code false}. */
  record Bool(boolean value) implements Json {}

  /** {@code null}. Read only where a record says {@code @Nullable}; never written. */
  record Null() implements Json {}
}

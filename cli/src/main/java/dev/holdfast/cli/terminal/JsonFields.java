package dev.holdfast.cli.terminal;

import dev.holdfast.model.json.Json;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * A JSON object in the making; its fields stay in the order in which they come. Not thread-safe.
 */
public final class JsonFields {
  private final LinkedHashMap<String, Json> fields = new LinkedHashMap<>();

  public JsonFields text(String name, String value) {
    return put(name, new Json.Str(value));
  }

  public JsonFields number(String name, long value) {
    return put(name, Json.Num.of(value));
  }

  public JsonFields flag(String name, boolean value) {
    return put(name, new Json.Bool(value));
  }

  public JsonFields texts(String name, List<String> values) {
    return put(name, new Json.Arr(values.stream().map(v -> (Json) new Json.Str(v)).toList()));
  }

  public JsonFields put(String name, Json value) {
    fields.put(name, value);
    return this;
  }

  /** With what was put so far. */
  public Json.Obj json() {
    return new Json.Obj(fields);
  }
}

package dev.holdfast.orchestrator.definition;

import dev.holdfast.model.definition.LockFile;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.Records;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The JSON schema of the lock file, derived from the records that read it. */
public final class JsonSchema {
  private final Map<String, Json> definitions = new TreeMap<>();

  private JsonSchema() {}

  /** The text that is published as {@code docs/schema/holdfast.lock.v1.schema.json}. */
  public static String lockFile() {
    var schema = new JsonSchema();
    var fields = new LinkedHashMap<String, Json>();
    fields.put("$schema", text("https://json-schema.org/draft/2020-12/schema"));
    fields.put("title", text("Holdfast lock file, version " + LockFile.VERSION));
    var shape = schema.shape(LockFile.class);
    shape.properties().put("version", object("const", Json.Num.of(LockFile.VERSION)));
    fields.putAll(shape.json().fields());
    fields.put("$defs", Json.Obj.of(schema.definitions));
    return JsonText.pretty(new Json.Obj(fields));
  }

  private Json of(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == List.class) {
        return object("type", text("array"), "items", of(arguments[0]));
      } else if (generic.getRawType() == Map.class) {
        return object("type", text("object"), "additionalProperties", of(arguments[1]));
      }
      return of(arguments[0]); // Optional: the field may be left out
    }
    var raw = (Class<?>) type;
    if (raw == String.class) {
      return object("type", text("string"));
    } else if (raw == boolean.class) {
      return object("type", text("boolean"));
    } else if (raw == int.class || raw == long.class) {
      return object("type", text("integer"));
    } else if (raw.isEnum()) {
      return reference(raw, object("enum", constants(raw)));
    } else if (raw.isSealed()) {
      return reference(raw, object("oneOf", new Json.Arr(variants(raw))));
    } else if (raw.isRecord()
        && Records.fieldNames(raw.asSubclass(Record.class)).equals(List.of("value"))) {
      return reference(raw, of(raw.getRecordComponents()[0].getGenericType()));
    } else if (raw.isRecord()) {
      return reference(raw, shape(raw).json());
    }
    throw new IllegalArgumentException(raw + " has no schema");
  }

  private Json reference(Class<?> type, Json definition) {
    String name = Records.typeName(type);
    definitions.put(name, definition);
    return object("$ref", text("#/$defs/" + name));
  }

  private List<Json> variants(Class<?> sealed) {
    var found = new ArrayList<Json>();
    for (Class<?> variant : sealed.getPermittedSubclasses()) {
      var shape = shape(variant);
      shape.properties().putFirst("type", object("const", text(Records.typeName(variant))));
      shape.required().addFirst(text("type"));
      found.add(shape.json());
    }
    return found;
  }

  private Shape shape(Class<?> record) {
    var shape = new Shape(new LinkedHashMap<>(), new ArrayList<>());
    RecordComponent[] components = record.getRecordComponents();
    List<String> names = Records.fieldNames(record.asSubclass(Record.class));
    for (int i = 0; i < components.length; i++) {
      Type type = components[i].getGenericType();
      shape.properties().put(names.get(i), of(type));
      if (!(type instanceof ParameterizedType)) {
        shape.required().add(text(names.get(i)));
      }
    }
    return shape;
  }

  /** What an object may and must have. */
  private record Shape(LinkedHashMap<String, Json> properties, ArrayList<Json> required) {
    Json.Obj json() {
      var fields = new LinkedHashMap<String, Json>();
      fields.put("type", text("object"));
      fields.put("properties", new Json.Obj(properties));
      fields.put("required", new Json.Arr(required));
      fields.put("additionalProperties", new Json.Bool(false));
      return new Json.Obj(fields);
    }
  }

  private static Json constants(Class<?> type) {
    return new Json.Arr(
        Stream.of(type.getEnumConstants())
            .map(c -> text(((Enum<?>) c).name().toLowerCase(Locale.ROOT).replace('_', '-')))
            .toList());
  }

  private static Json text(String text) {
    return new Json.Str(text);
  }

  private static Json object(String name, Json value) {
    return Json.Obj.of(Map.of(name, value));
  }

  private static Json object(String first, Json one, String second, Json two) {
    var fields = new LinkedHashMap<String, Json>();
    fields.put(first, one);
    fields.put(second, two);
    return new Json.Obj(fields);
  }
}

package dev.holdfast.agent.sandbox.microvm.firecracker.standin;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Swagger 2.0 description, as far as Firecracker's uses it: methods, paths, required fields,
 * types, enumerations, ranges, and no field that is not described.
 */
public record ApiDescription(Json.Obj document) {

  /** Of what a YAML parser made of it. */
  public static ApiDescription of(Object yaml) {
    if (json(yaml) instanceof Json.Obj document) {
      return new ApiDescription(document);
    }
    throw new IllegalArgumentException("the description is no object");
  }

  private static Json json(Object yaml) {
    return switch (yaml) {
      case Map<?, ?> map -> {
        var fields = new LinkedHashMap<String, Json>();
        map.forEach((name, value) -> fields.put(String.valueOf(name), json(value)));
        yield new Json.Obj(fields);
      }
      case List<?> list -> new Json.Arr(list.stream().<Json>map(ApiDescription::json).toList());
      case Boolean bool -> new Json.Bool(bool);
      case Number number -> new Json.Num(number.toString());
      default -> new Json.Str(String.valueOf(yaml));
    };
  }

  /** Every path with every method that it has, such as {@code PUT /actions}. */
  public List<String> operations() {
    var all = new ArrayList<String>();
    object(document, "paths")
        .fields()
        .forEach((path, methods) ->
            ((Json.Obj) methods)
                .fields()
                .keySet()
                .forEach(
                    method -> all.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path)));
    return all;
  }

  /** What is wrong with a request; empty if nothing is. */
  public Optional<String> fault(String method, String path, Optional<Json> body) {
    for (Map.Entry<String, Json> entry : object(document, "paths").fields().entrySet()) {
      Optional<String> id = matched(entry.getKey(), path);
      Json operation =
          ((Json.Obj) entry.getValue()).fields().get(method.toLowerCase(java.util.Locale.ROOT));
      if (id.isPresent() && operation instanceof Json.Obj described) {
        return fault(described, entry.getKey(), id.get(), body);
      }
    }
    return Optional.of("Invalid request method and/or path: " + method + " " + path);
  }

  /** What stands in the place of the template's variable, empty text where it has none. */
  private static Optional<String> matched(String template, String path) {
    int brace = template.indexOf('{');
    if (brace < 0) {
      return template.equals(path) ? Optional.of("") : Optional.empty();
    }
    String before = template.substring(0, brace);
    String id = path.startsWith(before) ? path.substring(before.length()) : "";
    return id.matches("[A-Za-z0-9_-]+") ? Optional.of(id) : Optional.empty();
  }

  private Optional<String> fault(
      Json.Obj operation, String template, String id, Optional<Json> body) {
    Json.Obj described = null;
    boolean required = false;
    for (Json parameter : list(operation, "parameters")) {
      if (parameter instanceof Json.Obj each && text(each, "in").equals(Optional.of("body"))) {
        described = object(each, "schema");
        required = isTrue(each, "required");
      }
    }
    if (described == null) {
      return body.isPresent() ? Optional.of("a body where none is described") : Optional.empty();
    }
    if (body.isEmpty()) {
      return required ? Optional.of("no body where one is required") : Optional.empty();
    }
    Optional<String> fault = check(body.get(), described, "");
    if (fault.isEmpty() && !id.isEmpty() && body.get() instanceof Json.Obj(var fields)) {
      String name = template.substring(template.indexOf('{') + 1, template.indexOf('}'));
      if (fields.get(name) instanceof Json.Str(var inside) && !inside.equals(id)) {
        return Optional.of("the path's " + name + " " + id + " is not the body's " + inside);
      }
    }
    return fault;
  }

  private Optional<String> check(Json value, Json.Obj schema, String at) {
    Optional<String> reference = text(schema, "$ref");
    if (reference.isPresent()) {
      String name = reference.get().substring("#/definitions/".length());
      return check(value, object(object(document, "definitions"), name), at);
    }
    String type = text(schema, "type").orElse("object");
    return switch (type) {
      case "object" -> object(value, schema, at);
      case "array" -> {
        if (!(value instanceof Json.Arr(var items))) {
          yield wrong(at, "an array", value);
        }
        for (int i = 0; i < items.size(); i++) {
          Optional<String> fault = check(items.get(i), object(schema, "items"), at + "[" + i + "]");
          if (fault.isPresent()) {
            yield fault;
          }
        }
        yield Optional.empty();
      }
      case "string" -> {
        if (!(value instanceof Json.Str(var text))) {
          yield wrong(at, "a string", value);
        }
        List<Json> known = list(schema, "enum");
        yield known.isEmpty() || known.contains(new Json.Str(text))
            ? Optional.empty()
            : wrong(at, "one of " + known, value);
      }
      case "integer" -> integer(value, schema, at);
      case "boolean" ->
          value instanceof Json.Bool ? Optional.empty() : wrong(at, "a boolean", value);
      default -> throw new IllegalStateException("the description has the unknown type " + type);
    };
  }

  private static Optional<String> integer(Json value, Json.Obj schema, String at) {
    if (!(value instanceof Json.Num(var literal)) || !literal.matches("-?[0-9]{1,18}")) {
      return wrong(at, "an integer", value);
    }
    long number = Long.parseLong(literal);
    if (schema.fields().get("minimum") instanceof Json.Num(var least)
        && number < Long.parseLong(least)) {
      return wrong(at, "at least " + least, value);
    }
    if (schema.fields().get("maximum") instanceof Json.Num(var most)
        && number > Long.parseLong(most)) {
      return wrong(at, "at most " + most, value);
    }
    return Optional.empty();
  }

  private Optional<String> object(Json value, Json.Obj schema, String at) {
    if (!(value instanceof Json.Obj(var fields))) {
      return wrong(at, "an object", value);
    }
    for (Json required : list(schema, "required")) {
      if (required instanceof Json.Str(var name) && !fields.containsKey(name)) {
        return Optional.of("missing field `" + name + "` at " + at);
      }
    }
    boolean open = schema.fields().containsKey("additionalProperties");
    for (Map.Entry<String, Json> field : fields.entrySet()) {
      Json described =
          schema.fields().get("properties") instanceof Json.Obj(var known)
              ? known.get(field.getKey())
              : null;
      if (described instanceof Json.Obj inner) {
        Optional<String> fault = check(field.getValue(), inner, at + "." + field.getKey());
        if (fault.isPresent()) {
          return fault;
        }
      } else if (!open) {
        return Optional.of("unknown field `" + field.getKey() + "` at " + at);
      }
    }
    return Optional.empty();
  }

  private static Optional<String> wrong(String at, String expected, Json found) {
    return Optional.of("expected " + expected + " at " + at + ", found " + JsonText.compact(found));
  }

  private static Json.Obj object(Json.Obj in, String name) {
    if (in.fields().get(name) instanceof Json.Obj object) {
      return object;
    }
    throw new IllegalStateException("the description has no object " + name);
  }

  private static List<Json> list(Json.Obj in, String name) {
    return in.fields().get(name) instanceof Json.Arr(var items) ? items : List.of();
  }

  private static Optional<String> text(Json.Obj in, String name) {
    return in.fields().get(name) instanceof Json.Str(var value)
        ? Optional.of(value)
        : Optional.empty();
  }

  private static boolean isTrue(Json.Obj in, String name) {
    return in.fields().get(name) instanceof Json.Bool(var value) && value;
  }
}

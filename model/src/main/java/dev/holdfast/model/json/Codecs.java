package dev.holdfast.model.json;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Builds the codecs that {@link Records} describes. */
final class Codecs {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  private Codecs() {}

  static RecordCodec of(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == List.class) {
        return list(arguments[0]);
      }
      if (generic.getRawType() == Map.class && arguments[0] == String.class) {
        return map(arguments[1]);
      }
      if (generic.getRawType() == Optional.class) {
        return optional(arguments[0]);
      }
    } else if (type instanceof Class<?> raw) {
      return of(raw);
    }
    throw new IllegalArgumentException(type + " has no JSON form");
  }

  private static RecordCodec of(Class<?> raw) {
    if (raw == String.class) {
      return codec(v -> new Json.Str((String) v), Codecs::string);
    } else if (raw == boolean.class) {
      return codec(
          v -> new Json.Bool((Boolean) v),
          (json, path) -> json instanceof Json.Bool(var b) ? b : fail(path, "true or false", json));
    } else if (raw == int.class) {
      return codec(v -> Json.Num.of((Integer) v), (json, path) -> (Object) toInt(json, path));
    } else if (raw == long.class) {
      return codec(v -> Json.Num.of((Long) v), (json, path) -> (Object) toLong(json, path));
    } else if (raw == Instant.class) {
      return codec(v -> new Json.Str(v.toString()), Codecs::instant);
    } else if (raw == Duration.class) {
      return codec(
          v -> Json.Num.of(((Duration) v).toMillis()),
          (json, path) -> Duration.ofMillis(toLong(json, path)));
    } else if (Json.class.isAssignableFrom(raw)) {
      return codec(v -> (Json) v, (json, path) -> json);
    } else if (raw.isEnum()) {
      return enumeration(raw);
    } else if (raw.isRecord()) {
      return record(raw);
    } else if (raw.isSealed()) {
      return sealed(raw);
    }
    throw new IllegalArgumentException(raw + " has no JSON form");
  }

  private static RecordCodec codec(
      Function<Object, Json> encode, BiFunction<Json, String, Object> decode) {
    return new RecordCodec() {
      @Override
      public Json encode(Object value) {
        return encode.apply(value);
      }

      @Override
      public Object decode(Json json, String path) {
        return decode.apply(json, path);
      }
    };
  }

  private static RecordCodec list(Type item) {
    return codec(
        v -> new Json.Arr(((List<?>) v).stream().map(i -> Records.codec(item).encode(i)).toList()),
        (json, path) -> {
          if (!(json instanceof Json.Arr(var items))) {
            return fail(path, "a list", json);
          }
          var out = new ArrayList<>(items.size());
          for (int i = 0; i < items.size(); i++) {
            out.add(Records.codec(item).decode(items.get(i), path + "[" + i + "]"));
          }
          return List.copyOf(out);
        });
  }

  private static RecordCodec map(Type value) {
    return codec(
        v -> {
          var fields = new LinkedHashMap<String, Json>();
          ((Map<?, ?>) v).forEach((k, x) -> fields.put((String) k, Records.codec(value).encode(x)));
          return new Json.Obj(fields);
        },
        (json, path) -> {
          if (!(json instanceof Json.Obj(var fields))) {
            return fail(path, "an object", json);
          }
          var out = new LinkedHashMap<String, Object>();
          fields.forEach(
              (k, x) -> out.put(k, Records.codec(value).decode(x, join(path, Quote.of(k)))));
          return java.util.Collections.unmodifiableMap(out);
        });
  }

  private static RecordCodec optional(Type value) {
    return codec(
        v -> ((Optional<?>) v).<Json>map(x -> Records.codec(value).encode(x)).orElse(Json.NULL),
        (json, path) ->
            json instanceof Json.Null
                ? Optional.empty()
                : Optional.of(Records.codec(value).decode(json, path)));
  }

  private static RecordCodec enumeration(Class<?> raw) {
    var byName = new LinkedHashMap<String, Object>();
    for (Object constant : raw.getEnumConstants()) {
      byName.put(wireName((Enum<?>) constant), constant);
    }
    return codec(
        v -> new Json.Str(wireName((Enum<?>) v)),
        (json, path) -> {
          Object constant = json instanceof Json.Str(var name) ? byName.get(name) : null;
          return constant != null
              ? constant
              : fail(path, "one of " + String.join(", ", byName.keySet()), json);
        });
  }

  private static String wireName(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static RecordCodec sealed(Class<?> raw) {
    var byName = new LinkedHashMap<String, Class<?>>();
    for (Class<?> permitted : raw.getPermittedSubclasses()) {
      byName.put(kebab(permitted.getSimpleName()), permitted);
    }
    return codec(
        v -> {
          var fields = new LinkedHashMap<String, Json>();
          fields.put("type", new Json.Str(kebab(v.getClass().getSimpleName())));
          fields.putAll(((Json.Obj) Records.codec(v.getClass()).encode(v)).fields());
          return new Json.Obj(fields);
        },
        (json, path) -> {
          if (!(json instanceof Json.Obj(var fields))) {
            return fail(path, "an object", json);
          }
          Json type = fields.get("type");
          Class<?> chosen = type instanceof Json.Str(var name) ? byName.get(name) : null;
          if (chosen == null) {
            return fail(
                join(path, "type"),
                "one of " + String.join(", ", byName.keySet()),
                type == null ? Json.NULL : type);
          }
          var rest = new LinkedHashMap<>(fields);
          rest.remove("type");
          return Records.codec(chosen).decode(new Json.Obj(rest), path);
        });
  }

  private static RecordCodec record(Class<?> raw) {
    RecordComponent[] declared = raw.getRecordComponents();
    var components = new ArrayList<RecordCodec.Component>(declared.length);
    var parameters = new Class<?>[declared.length];
    MethodHandle constructor;
    try {
      for (int i = 0; i < declared.length; i++) {
        RecordComponent c = declared[i];
        parameters[i] = c.getType();
        var accessor = c.getAccessor();
        accessor.setAccessible(true);
        boolean optional =
            c.getType() == Optional.class || c.getType() == List.class || c.getType() == Map.class;
        components.add(
            new RecordCodec.Component(
                kebab(c.getName()),
                c.getGenericType(),
                LOOKUP.unreflect(accessor),
                Records.codec(c.getGenericType()),
                optional));
      }
      var canonical = raw.getDeclaredConstructor(parameters);
      canonical.setAccessible(true);
      constructor = LOOKUP.unreflectConstructor(canonical);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(raw + " has no JSON form", e);
    }
    if (components.size() == 1 && components.getFirst().name().equals("value")) {
      return wrapper(components.getFirst(), constructor);
    }
    return codec(
        v -> {
          var fields = new LinkedHashMap<String, Json>();
          for (var c : components) {
            Json field = c.codec().encode(invoke(c.accessor(), v));
            if (!c.optional() || !empty(field)) {
              fields.put(c.name(), field);
            }
          }
          return new Json.Obj(fields);
        },
        (json, path) -> fields(json, path, components, constructor));
  }

  private static RecordCodec wrapper(RecordCodec.Component component, MethodHandle constructor) {
    return codec(
        v -> component.codec().encode(invoke(component.accessor(), v)),
        (json, path) -> construct(constructor, path, component.codec().decode(json, path)));
  }

  private static Object fields(
      Json json, String path, List<RecordCodec.Component> components, MethodHandle constructor) {
    if (!(json instanceof Json.Obj(var fields))) {
      return fail(path, "an object", json);
    }
    var arguments = new Object[components.size()];
    int used = 0;
    for (int i = 0; i < arguments.length; i++) {
      var c = components.get(i);
      Json field = fields.get(c.name());
      if (field != null) {
        used++;
        arguments[i] = c.codec().decode(field, join(path, c.name()));
      } else if (c.optional()) {
        arguments[i] = absent(c.type());
      } else {
        throw new MalformedJson(path, "lacks the field " + c.name());
      }
    }
    if (used < fields.size()) {
      var known = components.stream().map(RecordCodec.Component::name).toList();
      String unknown =
          fields.keySet().stream().filter(n -> !known.contains(n)).findFirst().orElseThrow();
      throw new MalformedJson(
          path,
          "has the unknown field " + Quote.of(unknown) + "; known are " + String.join(", ", known));
    }
    return construct(constructor, path, arguments);
  }

  private static Object absent(Type type) {
    Type raw = type instanceof ParameterizedType generic ? generic.getRawType() : type;
    return raw == Optional.class ? Optional.empty() : raw == List.class ? List.of() : Map.of();
  }

  private static boolean empty(Json json) {
    return switch (json) {
      case Json.Null() -> true;
      case Json.Arr(var items) -> items.isEmpty();
      case Json.Obj(var fields) -> fields.isEmpty();
      case Json.Str(var text) -> false;
      case Json.Num(var literal) -> false;
      case Json.Bool(var value) -> false;
    };
  }

  private static Object construct(MethodHandle constructor, String path, Object... arguments) {
    try {
      return constructor.invokeWithArguments(arguments);
    } catch (IllegalArgumentException e) {
      throw new MalformedJson(path, String.valueOf(e.getMessage()));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object invoke(MethodHandle accessor, Object target) {
    try {
      return accessor.invoke(target);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object string(Json json, String path) {
    return json instanceof Json.Str(var text) ? text : fail(path, "a string", json);
  }

  private static Object instant(Json json, String path) {
    try {
      return Instant.parse((String) string(json, path));
    } catch (DateTimeException e) {
      return fail(path, "a time such as 2026-01-31T12:00:00Z", json);
    }
  }

  private static Integer toInt(Json json, String path) {
    long value = toLong(json, path);
    return value == (int) value
        ? (Integer) (int) value
        : (Integer) fail(path, "a smaller number", json);
  }

  private static Long toLong(Json json, String path) {
    try {
      return json instanceof Json.Num(var literal)
          ? (Long) Long.parseLong(literal)
          : (Long) fail(path, "a whole number", json);
    } catch (NumberFormatException e) {
      return (Long) fail(path, "a whole number", json);
    }
  }

  private static Object fail(String path, String expected, Json found) {
    String got =
        switch (found) {
          case Json.Obj(var fields) -> "an object";
          case Json.Arr(var items) -> "a list";
          case Json.Str(var text) -> Quote.of(text);
          case Json.Num(var literal) -> literal;
          case Json.Bool(var value) -> String.valueOf(value);
          case Json.Null() -> "nothing";
        };
    throw new MalformedJson(path, "is " + got + "; expected " + expected);
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  static String kebab(String camel) {
    var out = new StringBuilder();
    for (int i = 0; i < camel.length(); i++) {
      char c = camel.charAt(i);
      if (Character.isUpperCase(c)) {
        out.append(i == 0 ? "" : "-").append(Character.toLowerCase(c));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}

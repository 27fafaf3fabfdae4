package dev.holdfast.model.json;

import java.util.concurrent.ConcurrentHashMap;

/**
 * Maps records to JSON and back, strictly, by one rule for every document and message of Holdfast:
 *
 * <ul>
 *   <li>a record is an object; each component is a field of the same name in kebab-case;
 *   <li>a sealed interface is an object whose first field, {@code "type"}, names the record in
 *       kebab-case;
 *   <li>an enum is its constant's name in lower case, words joined by {@code -};
 *   <li>{@code String}, {@code boolean}, {@code int}, {@code long}, {@link java.time.Instant}
 *       (ISO-8601), {@link java.time.Duration} (whole milliseconds), {@code List}, {@code
 *       Map<String, V>}, {@code Optional} and {@link Json} itself are read as one would expect;
 *   <li>a missing {@code Optional} is empty, a missing {@code List} or {@code Map} is empty, and
 *       empty ones are not written; every other component must be there;
 *   <li>a record with the single component {@code value} is that value, not an object;
 *   <li>an unknown field, a missing one, or a value that the record's constructor refuses with
 *       {@link IllegalArgumentException} is a {@link MalformedJson} that says where.
 * </ul>
 *
 * <p>Written here because the runner starts once per job and general data binding costs it tens of
 * milliseconds each time. Thread-safe.
 */
public final class Records {
  private static final ConcurrentHashMap<java.lang.reflect.Type, RecordCodec> CODECS =
      new ConcurrentHashMap<>();

  private Records() {}

  /** {@code value}, of the declared type {@code type}, as JSON. */
  public static <T> Json encode(Class<? super T> type, T value) {
    return codec(type).encode(value);
  }

  /** {@code value} as one line of JSON text. */
  public static <T> String write(Class<? super T> type, T value) {
    return JsonText.compact(encode(type, value));
  }

  /** {@code value} as one line of JSON text in UTF-8. */
  public static <T> byte[] utf8(Class<? super T> type, T value) {
    return JsonText.utf8(encode(type, value));
  }

  /**
   * The {@code type} that {@code json} holds.
   *
   * @throws MalformedJson if it does not hold one
   */
  public static <T> T decode(Class<T> type, Json json) {
    return decode(type, json, "");
  }

  /** As {@link #decode(Class, Json)}, with {@code path} in front of the places named in errors. */
  public static <T> T decode(Class<T> type, Json json, String path) {
    return type.cast(codec(type).decode(json, path));
  }

  /** {@link #decode(Class, Json)} of UTF-8 text. */
  public static <T> T read(Class<T> type, byte[] utf8) {
    return decode(type, JsonText.parse(utf8));
  }

  /** {@link #decode(Class, Json)} of text. */
  public static <T> T read(Class<T> type, String text) {
    return decode(type, JsonText.parse(text));
  }

  /** The names of a record's fields in JSON, in their order. */
  public static java.util.List<String> fieldNames(Class<? extends Record> type) {
    return java.util.Arrays.stream(type.getRecordComponents())
        .map(c -> Codecs.kebab(c.getName()))
        .toList();
  }

  /** What the field {@code "type"} says for this record of a sealed interface. */
  public static String typeName(Class<?> type) {
    return Codecs.kebab(type.getSimpleName());
  }

  static RecordCodec codec(java.lang.reflect.Type type) {
    RecordCodec known = CODECS.get(type);
    if (known != null) {
      return known;
    }
    // Not computeIfAbsent: building one codec asks for those of its components.
    RecordCodec made = Codecs.of(type);
    RecordCodec earlier = CODECS.putIfAbsent(type, made);
    return earlier == null ? made : earlier;
  }
}

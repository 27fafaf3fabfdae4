package dev.holdfast.bench.installation;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.MalformedJson;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A JSON object that was answered, read field by field. */
public record Doc(Json.Obj object) {

  /** The object in {@code utf8}. */
  public static Doc of(byte[] utf8) throws IOException {
    try {
      return of(JsonText.parse(utf8));
    } catch (MalformedJson e) {
      throw new IOException("what was answered " + e.getMessage(), e);
    }
  }

  private static Doc of(Json json) throws IOException {
    if (json instanceof Json.Obj object) {
      return new Doc(object);
    }
    throw new IOException("what was answered is not an object");
  }

  /** A field that must be there, as text. */
  public String text(String name) throws IOException {
    return switch (object.fields().get(name)) {
      case Json.Str(var value) -> value;
      case Json.Num(var literal) -> literal;
      case null, default -> throw missing(name, "a text");
    };
  }

  /** A time, if it is there. */
  public Optional<Instant> time(String name) {
    return object.fields().get(name) instanceof Json.Str(var value)
        ? Optional.of(Instant.parse(value))
        : Optional.empty();
  }

  /** A time that must be there. */
  public Instant instant(String name) throws IOException {
    return time(name).orElseThrow(() -> missing(name, "a time"));
  }

  /** A number, also one that is a field {@code value} of an object. */
  public long number(String name) throws IOException {
    return switch (object.fields().get(name)) {
      case Json.Num(var literal) -> Long.parseLong(literal);
      case Json.Obj inner -> new Doc(inner).number("value");
      case null, default -> throw missing(name, "a number");
    };
  }

  /** Objects; empty if the field is not there. */
  public List<Doc> list(String name) throws IOException {
    if (!(object.fields().get(name) instanceof Json.Arr(var items))) {
      return List.of();
    }
    var all = new java.util.ArrayList<Doc>();
    for (Json item : items) {
      all.add(of(item));
    }
    return all;
  }

  private IOException missing(String name, String what) {
    return new IOException(
        "what was answered has no field " + name + " that is " + what + ": " + summary());
  }

  private String summary() {
    String text = JsonText.compact(object);
    return text.length() <= 300 ? text : text.substring(0, 300);
  }
}

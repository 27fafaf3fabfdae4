package dev.holdfast.cli.client;

import dev.holdfast.model.json.Json;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/**
 * A lenient view of what a server answered: a newer server may say more than this client knows, an
 * older one less.
 */
public record Fields(Json json) {

  /** The field {@code name}; JSON's null where there is none. */
  public Fields at(String name) {
    return new Fields(
        json instanceof Json.Obj(var fields) ? fields.getOrDefault(name, Json.NULL) : Json.NULL);
  }

  public boolean has(String name) {
    return !(at(name).json instanceof Json.Null);
  }

  /** The field as text, as it came: hostile. Empty where it is none. */
  public String text(String name) {
    return at(name).text();
  }

  /** This value as text; empty where it has none. */
  public String text() {
    return switch (json) {
      case Json.Str(var value) -> value;
      case Json.Num(var literal) -> literal;
      case Json.Bool(var value) -> String.valueOf(value);
      case Json.Obj(var fields) -> "";
      case Json.Arr(var items) -> "";
      case Json.Null() -> "";
    };
  }

  /** The field as a number; {@code otherwise} where it is none. */
  public long number(String name, long otherwise) {
    try {
      return at(name).json instanceof Json.Num(var literal) ? Long.parseLong(literal) : otherwise;
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  public boolean is(String name) {
    return at(name).json instanceof Json.Bool(var value) && value;
  }

  public Optional<Instant> time(String name) {
    try {
      return at(name).json instanceof Json.Str(var value)
          ? Optional.of(Instant.parse(value))
          : Optional.empty();
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** The items of the list in the field. */
  public List<Fields> list(String name) {
    return at(name).list();
  }

  /** The items, if this is a list. */
  public List<Fields> list() {
    return json instanceof Json.Arr(var items)
        ? items.stream().map(Fields::new).toList()
        : List.of();
  }
}

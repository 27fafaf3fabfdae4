package dev.holdfast.orchestrator.forge;

import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.trust.Lookup;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * An object of a payload, read strictly: what is missing or of another type is {@link
 * MalformedJson} with its place, never a default.
 */
public final class Fields {
  /** The ids of forges are whole numbers; more digits than this no JSON reader keeps exactly. */
  private static final Pattern ID = Pattern.compile("[1-9][0-9]{0,14}");

  /** How git writes "no commit". */
  private static final Pattern NOTHING = Pattern.compile("0{40}|0{64}");

  private final String path;
  private final Map<String, Json> fields;

  private Fields(String path, Map<String, Json> fields) {
    this.path = path;
    this.fields = fields;
  }

  public static Fields of(Json payload) {
    if (payload instanceof Json.Obj(var fields)) {
      return new Fields("", fields);
    }
    throw new MalformedJson("", "is not an object");
  }

  public Fields object(String name) {
    if (field(name) instanceof Json.Obj(var inner)) {
      return new Fields(at(name), inner);
    }
    throw new MalformedJson(at(name), "is not an object");
  }

  /** Empty where the forge says {@code null}; a field that is missing is malformed all the same. */
  public Optional<Fields> nullable(String name) {
    return field(name) instanceof Json.Null() ? Optional.empty() : Optional.of(object(name));
  }

  /** The objects of a list. */
  public List<Fields> list(String name) {
    if (!(field(name) instanceof Json.Arr(var items))) {
      throw new MalformedJson(at(name), "is not a list");
    }
    var objects = new ArrayList<Fields>();
    for (Json item : items) {
      if (!(item instanceof Json.Obj(var inner))) {
        throw new MalformedJson(at(name), "holds what is not an object");
      }
      objects.add(new Fields(at(name), inner));
    }
    return objects;
  }

  /** The texts of a list. */
  public List<String> texts(String name) {
    if (!(field(name) instanceof Json.Arr(var items))) {
      throw new MalformedJson(at(name), "is not a list");
    }
    return items.stream()
        .map(item -> {
          if (item instanceof Json.Str(var text)) {
            return text;
          }
          throw new MalformedJson(at(name), "holds what is not text");
        })
        .toList();
  }

  /** Whether there is such a field with something in it. */
  public boolean has(String name) {
    Json value = fields.get(name);
    return value != null && !(value instanceof Json.Null);
  }

  public String text(String name) {
    if (field(name) instanceof Json.Str(var text)) {
      return text;
    }
    throw new MalformedJson(at(name), "is not text");
  }

  public boolean flag(String name) {
    if (field(name) instanceof Json.Bool(var flag)) {
      return flag;
    }
    throw new MalformedJson(at(name), "is neither true nor false");
  }

  public long id(String name) {
    if (field(name) instanceof Json.Num(var literal) && ID.matcher(literal).matches()) {
      return Long.parseLong(literal);
    }
    throw new MalformedJson(at(name), "is not an id; expected a whole number from 1 to 15 digits");
  }

  /** A whole number from zero. */
  public long number(String name) {
    if (field(name) instanceof Json.Num(var literal) && literal.matches("[0-9]{1,15}")) {
      return Long.parseLong(literal);
    }
    throw new MalformedJson(at(name), "is not a whole number");
  }

  /** A time, with whatever offset the forge writes it. */
  public Instant time(String name) {
    try {
      return OffsetDateTime.parse(text(name)).toInstant();
    } catch (DateTimeParseException e) {
      throw wrong(name, "is not a time");
    }
  }

  public CommitId commit(String name) {
    return made(name, CommitId::new);
  }

  /** Empty for git's "no commit". */
  public Optional<CommitId> commitOrNone(String name) {
    return NOTHING.matcher(text(name)).matches() ? Optional.empty() : Optional.of(commit(name));
  }

  public RefName ref(String name) {
    return made(name, RefName::new);
  }

  /** A ref behind {@code prefix}; empty if it does not start with it. */
  public Optional<RefName> ref(String name, String prefix) {
    return text(name).startsWith(prefix)
        ? Optional.of(made(name, ref -> new RefName(ref.substring(prefix.length()))))
        : Optional.empty();
  }

  /** An account; its name is for people to read and decides nothing. */
  public Contributor account(String name, String forge) {
    Fields account = object(name);
    return new Contributor(
        forge, Long.toString(account.id("id")), Quote.line(account.text("login"), 100));
  }

  /** As {@link #account}, absent where the forge says {@code null}. */
  public Lookup<Contributor> accountOrNone(String name, String forge) {
    return field(name) instanceof Json.Null()
        ? new Lookup.Absent<>()
        : new Lookup.Known<>(account(name, forge));
  }

  public MalformedJson wrong(String name, String reason) {
    return new MalformedJson(at(name), reason);
  }

  private <T> T made(String name, Function<String, T> maker) {
    String text = text(name);
    try {
      return maker.apply(text);
    } catch (IllegalArgumentException e) {
      throw new MalformedJson(at(name), String.valueOf(e.getMessage()));
    }
  }

  private Json field(String name) {
    Json value = fields.get(name);
    if (value == null) {
      throw new MalformedJson(at(name), "is missing");
    }
    return value;
  }

  private String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}

package dev.holdfast.model.environment;

import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.MalformedJson;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.json.Records;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads {@link EnvironmentRules} as people write them, and says all that is wrong at once. */
public final class RulesText {
  private static final List<String> FIELDS = Records.fieldNames(EnvironmentRules.class);

  private RulesText() {}

  /** What {@link #read} comes to. */
  public sealed interface Read {
    /** The rules. */
    record Good(EnvironmentRules rules) implements Read {}

    /**
     * There are none.
     *
     * @param problems one line each, with the place and the mend
     */
    record Bad(List<String> problems) implements Read {}
  }

  /** What {@code json} says. */
  public static Read read(Json json) {
    if (!(json instanceof Json.Obj(var fields))) {
      return new Read.Bad(List.of("write an object with " + String.join(", ", FIELDS)));
    }
    var problems = new ArrayList<String>();
    fields.forEach((name, value) -> {
      if (!FIELDS.contains(name)) {
        problems.add(
            "has the unknown field " + Quote.of(name) + "; known are " + String.join(", ", FIELDS));
      } else {
        parts(value).forEach(part -> problem(name, part, problems));
      }
    });
    if (problems.isEmpty()) {
      try {
        return new Read.Good(Records.decode(EnvironmentRules.class, json));
      } catch (MalformedJson e) {
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    return new Read.Bad(List.copyOf(problems));
  }

  /** Every field may be left out, so that each, and each item, can be looked at by itself. */
  private static List<Json> parts(Json value) {
    return switch (value) {
      case Json.Arr(var items) when !items.isEmpty() ->
          items.stream().<Json>map(item -> new Json.Arr(List.of(item))).toList();
      case Json.Obj(var entries)
          when entries.values().stream().allMatch(Json.Str.class::isInstance)
              && !entries.isEmpty() ->
          entries.entrySet().stream()
              .<Json>map(entry -> Json.Obj.of(Map.of(entry.getKey(), entry.getValue())))
              .toList();
      default -> List.of(value);
    };
  }

  private static void problem(String name, Json part, List<String> problems) {
    // A pattern that takes something back may not come first, but is none by itself.
    boolean takesBack =
        part instanceof Json.Arr(var items)
            && items.getFirst() instanceof Json.Str(var text)
            && text.startsWith("!");
    Json alone =
        takesBack
            ? new Json.Arr(List.of(new Json.Str("**"), ((Json.Arr) part).items().getFirst()))
            : part;
    var field = new LinkedHashMap<String, Json>();
    field.put(name, alone);
    try {
      var _ = Records.decode(EnvironmentRules.class, new Json.Obj(field));
    } catch (MalformedJson e) {
      String said = String.valueOf(e.getMessage());
      problems.add(said.startsWith(name) ? said : name + ": " + said);
    }
  }
}

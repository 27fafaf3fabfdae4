package dev.holdfast.orchestrator.definition;

import dev.holdfast.model.definition.Input;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.Quote;
import dev.holdfast.model.json.Records;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * Turns what a person writes into the JSON that a lock file would hold, and remembers where each
 * part stood. Short forms become long ones here; what the parts may hold is for the records to say.
 */
final class FriendlyForm {
  private static final List<String> WORKFLOW = Records.fieldNames(Workflow.class);
  private static final List<String> JOB =
      without(Records.fieldNames(Job.class), "name").stream()
          .map(name -> name.equals("environments") ? "environment" : name)
          .toList();
  private static final List<String> STEP = Records.fieldNames(Step.Command.class);
  private static final List<String> PUSH = Records.fieldNames(Trigger.Push.class);
  private static final List<String> PULL_REQUEST = Records.fieldNames(Trigger.PullRequest.class);
  private static final List<String> MANUAL = Records.fieldNames(Trigger.Manual.class);
  private static final List<String> SCHEDULE = Records.fieldNames(Trigger.Schedule.class);
  private static final List<String> INPUT = without(Records.fieldNames(Input.class), "name");
  private static final List<String> TRIGGERS =
      Stream.of(Trigger.class.getPermittedSubclasses()).map(Records::typeName).toList();

  private final Places places;

  FriendlyForm(Places places) {
    this.places = places;
  }

  /**
   * @param name the workflow's, where it says none
   */
  Json workflow(Yaml root, String name) {
    place(At.ROOT, root.line());
    var mapping = mapping(root, "the file", "keys name, on and jobs");
    known(mapping, "", WORKFLOW);
    var fields = new LinkedHashMap<String, Json>();
    fields.put("name", new Json.Str(name));
    fields.put("on", new Json.Arr(List.of()));
    fields.put("jobs", new Json.Arr(List.of()));
    mapping
        .entries()
        .forEach((key, entry) -> {
          At at = placed(At.ROOT.field(key), entry);
          if (!(entry.value() instanceof Yaml.Nothing)) {
            fields.put(
                key,
                switch (key) {
                  case "on" -> triggers(entry.value(), at);
                  case "jobs" -> jobs(entry.value(), at);
                  default -> text(entry.value(), at);
                });
          }
        });
    return new Json.Obj(fields);
  }

  private Json triggers(Yaml yaml, At at) {
    var found = new ArrayList<Json>();
    triggers(yaml, at, found);
    return new Json.Arr(found);
  }

  private void triggers(Yaml yaml, At at, List<Json> found) {
    switch (yaml) {
      case Yaml.Scalar(int line, String name) ->
          trigger(name, new Yaml.Entry(line, new Yaml.Nothing(line)), at, found);
      case Yaml.Mapping(int line, var entries) ->
          entries.forEach((name, entry) -> trigger(name, entry, at, found));
      case Yaml.Sequence(int line, var items) -> {
        for (Yaml item : items) {
          if (item instanceof Yaml.Sequence || item instanceof Yaml.Nothing) {
            throw new Refused(
                item.line(), "on: has an item that is " + item.noun() + "; write a trigger's name");
          }
          triggers(item, at, found);
        }
      }
      case Yaml.Nothing(int line) -> {}
    }
  }

  private void trigger(String name, Yaml.Entry entry, At on, List<Json> found) {
    At at = trigger(on, found.size(), name);
    place(at, entry.line());
    switch (name) {
      case "push" -> found.add(typed(name, filters(entry, at, name, PUSH)));
      case "pull-request" -> found.add(typed(name, filters(entry, at, name, PULL_REQUEST)));
      case "manual" -> found.add(typed(name, manual(entry, at)));
      case "schedule" -> schedules(entry.value(), on, found);
      default ->
          throw new Refused(
              entry.line(),
              "on: "
                  + Quote.of(name)
                  + " is not a trigger; known are "
                  + String.join(", ", TRIGGERS));
    }
  }

  private static At trigger(At on, int index, String name) {
    At item = on.item(index);
    return new At(item.path(), item.named(), "on." + spoken(name));
  }

  private Map<String, Json> filters(Yaml.Entry entry, At at, String name, List<String> known) {
    return fields(entry.value(), at, "on." + name, known, this::list);
  }

  private Map<String, Json> manual(Yaml.Entry entry, At at) {
    return fields(
        entry.value(),
        at,
        "on.manual",
        MANUAL,
        (yaml, inputs) -> {
          var found = new ArrayList<Json>();
          mapping(yaml, inputs.spoken(), "the inputs by name")
              .entries()
              .forEach((name, input) -> {
                At each = inputs.item(found.size(), name, At.join(inputs.spoken(), spoken(name)));
                place(each, input.line());
                found.add(input(name, input.value(), each));
              });
          return new Json.Arr(found);
        });
  }

  private Json input(String name, Yaml yaml, At at) {
    var fields = new LinkedHashMap<String, Json>();
    fields.put("name", new Json.Str(name));
    if (yaml instanceof Yaml.Scalar) {
      fields.put("kind", text(yaml, at));
    } else {
      var given =
          fields(
              yaml,
              at,
              at.spoken(),
              INPUT,
              (value, field) ->
                  field.path().endsWith(".choices") ? list(value, field) : text(value, field));
      fields.put("kind", new Json.Str(given.containsKey("choices") ? "choice" : "text"));
      fields.putAll(given);
    }
    return new Json.Obj(fields);
  }

  private void schedules(Yaml yaml, At on, List<Json> found) {
    List<Yaml> each = yaml instanceof Yaml.Sequence(int line, var items) ? items : List.of(yaml);
    for (Yaml schedule : each) {
      At at = trigger(on, found.size(), "schedule");
      place(at, schedule.line());
      if (schedule instanceof Yaml.Scalar) {
        found.add(typed("schedule", Map.of("cron", text(schedule, at.field("cron")))));
      } else {
        found.add(typed("schedule", fields(schedule, at, "on.schedule", SCHEDULE, this::text)));
      }
    }
  }

  static Json typed(String type, Map<String, Json> fields) {
    var all = new LinkedHashMap<String, Json>();
    all.put("type", new Json.Str(type));
    all.putAll(fields);
    return new Json.Obj(all);
  }

  private Json jobs(Yaml yaml, At at) {
    var found = new ArrayList<Json>();
    mapping(yaml, "jobs", "the jobs by name")
        .entries()
        .forEach((name, entry) -> {
          At job = at.item(found.size(), name, "jobs." + spoken(name));
          place(job, entry.line());
          var fields = new LinkedHashMap<String, Json>();
          fields.put("name", new Json.Str(name));
          fields.put("steps", new Json.Arr(List.of()));
          fields.putAll(fields(entry.value(), job, job.spoken(), JOB, this::jobField));
          // Most jobs have one, and are written that way.
          Json environments = fields.remove("environment");
          if (environments != null) {
            fields.put("environments", environments);
          }
          found.add(new Json.Obj(fields));
        });
    return new Json.Arr(found);
  }

  private Json jobField(Yaml yaml, At at) {
    return switch (at.path().substring(at.path().lastIndexOf('.') + 1)) {
      case "needs", "runs-on" -> list(yaml, at);
      case "environment" -> list(yaml, new At(at.path() + "s", at.named() + "s", at.spoken()));
      case "env" -> texts(yaml, at, this::text);
      case "matrix" -> texts(yaml, at, this::list);
      case "approval" -> new ApprovalForm(this).approval(yaml, at);
      case "cache" -> new KeptForm(this).caches(yaml, at);
      case "artifacts" -> new KeptForm(this).artifacts(yaml, at);
      case "services" -> new ServiceForm(this).services(yaml, at);
      case "steps" -> steps(yaml, at);
      default -> text(yaml, at);
    };
  }

  private Json steps(Yaml yaml, At at) {
    List<Yaml> items = yaml instanceof Yaml.Sequence(int line, var many) ? many : List.of(yaml);
    var names = StepNames.of(items);
    var found = new ArrayList<Json>();
    for (int i = 0; i < items.size(); i++) {
      At step = at.item(i, names.get(i), at.spoken() + "[" + i + "]");
      place(step, items.get(i).line());
      var fields = new LinkedHashMap<String, Json>();
      fields.put("name", new Json.Str(names.get(i)));
      if (items.get(i) instanceof Yaml.Scalar) {
        fields.put("run", text(items.get(i), step));
      } else {
        var mapping = mapping(items.get(i), step.spoken(), "run and, if you like, name");
        refuseCode(mapping, step);
        fields.putAll(fields(mapping, step, step.spoken(), STEP, this::stepField));
      }
      found.add(typed("command", fields));
    }
    return new Json.Arr(found);
  }

  private Json stepField(Yaml yaml, At at) {
    return switch (at.path().substring(at.path().lastIndexOf('.') + 1)) {
      case "env", "identity" -> texts(yaml, at, this::text);
      case "approval" -> new ApprovalForm(this).approval(yaml, at);
      case "secrets" -> secrets(yaml, at);
      case "secret-outputs" -> list(yaml, at);
      default -> text(yaml, at);
    };
  }

  /** A name, or several, are found under themselves; a map says under what. */
  private Json secrets(Yaml yaml, At at) {
    if (yaml instanceof Yaml.Mapping) {
      return texts(yaml, at, this::text);
    }
    var found = new LinkedHashMap<String, Json>();
    if (list(yaml, at) instanceof Json.Arr(var names)) {
      for (Json name : names) {
        if (name instanceof Json.Str(var text) && found.put(text, name) != null) {
          throw new Refused(yaml.line(), at.spoken() + ": names " + Quote.of(text) + " twice");
        }
      }
    }
    return new Json.Obj(found);
  }

  private static void refuseCode(Yaml.Mapping step, At at) {
    Yaml.Entry code = step.entries().get("code");
    Yaml.Entry type = step.entries().get("type");
    if (code == null
        && type != null
        && type.value() instanceof Yaml.Scalar(int line, String text)) {
      code = text.equals("code") ? type : null;
    }
    if (code != null) {
      throw new Refused(
          code.line(),
          at.spoken() + ": code steps need Java; write this workflow as .holdfast/*.java");
    }
  }

  /** The fields of an object that are given; a null one is as good as none. */
  SequencedMap<String, Json> fields(
      Yaml yaml, At at, String spoken, List<String> known, BiFunction<Yaml, At, Json> field) {
    var found = new LinkedHashMap<String, Json>();
    if (yaml instanceof Yaml.Nothing) {
      return found;
    }
    var mapping = mapping(yaml, spoken, "keys " + String.join(", ", known));
    known(mapping, spoken, known);
    mapping
        .entries()
        .forEach((key, entry) -> {
          At each = new At(at.path(), at.named(), spoken).field(key);
          place(each, entry.line());
          if (!(entry.value() instanceof Yaml.Nothing)) {
            found.put(key, field.apply(entry.value(), each));
          }
        });
    return found;
  }

  Json texts(Yaml yaml, At at, BiFunction<Yaml, At, Json> value) {
    var found = new LinkedHashMap<String, Json>();
    mapping(yaml, at.spoken(), "values by name")
        .entries()
        .forEach((key, entry) -> {
          At each = at.field(Quote.of(key));
          place(each, entry.line());
          found.put(
              key,
              value.apply(
                  // FOO: in an environment is an empty variable, as in a shell.
                  entry.value() instanceof Yaml.Nothing(int line)
                      ? new Yaml.Scalar(line, "")
                      : entry.value(),
                  each));
        });
    return new Json.Obj(found);
  }

  Json list(Yaml yaml, At at) {
    List<Yaml> items = yaml instanceof Yaml.Sequence(int line, var many) ? many : List.of(yaml);
    var found = new ArrayList<Json>();
    for (int i = 0; i < items.size(); i++) {
      At each = at.item(i);
      place(each, items.get(i).line());
      found.add(text(items.get(i), each));
    }
    return new Json.Arr(found);
  }

  Json text(Yaml yaml, At at) {
    if (yaml instanceof Yaml.Scalar(int line, String text)) {
      return new Json.Str(text);
    }
    throw new Refused(yaml.line(), at.spoken() + ": is " + yaml.noun() + "; write plain text");
  }

  static Yaml.Mapping mapping(Yaml yaml, String spoken, String what) {
    if (yaml instanceof Yaml.Mapping mapping) {
      return mapping;
    }
    throw new Refused(yaml.line(), spoken + ": is " + yaml.noun() + "; write a map with " + what);
  }

  private static void known(Yaml.Mapping mapping, String spoken, List<String> known) {
    mapping
        .entries()
        .forEach((key, entry) -> {
          if (!known.contains(key)) {
            throw new Refused(
                entry.line(),
                (spoken.isEmpty() ? "" : spoken + ": ")
                    + "has the unknown key "
                    + Quote.of(key)
                    + "; known are "
                    + String.join(", ", known));
          }
        });
  }

  private At placed(At at, Yaml.Entry entry) {
    place(at, entry.line());
    return at;
  }

  void place(At at, int line) {
    places.put(at.path(), line, at.spoken());
    places.put(at.named(), line, at.spoken());
  }

  static String spoken(String name) {
    return name.matches("[A-Za-z0-9._-]{1,100}") ? name : Quote.of(name);
  }

  private static List<String> without(List<String> names, String name) {
    return names.stream().filter(n -> !n.equals(name)).toList();
  }
}

package dev.holdfast.orchestrator.definition;

import dev.holdfast.model.definition.Artifacts;
import dev.holdfast.model.definition.Cache;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.Records;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** {@code cache:} and {@code artifacts:} of a job, as {@link FriendlyForm} does the rest. */
final class KeptForm {
  private static final List<String> CACHE = Records.fieldNames(Cache.class);
  private static final List<String> ARTIFACTS = Records.fieldNames(Artifacts.class);
  private static final List<String> UPLOAD = Records.fieldNames(Artifacts.Upload.class);
  private static final List<String> DOWNLOAD = Records.fieldNames(Artifacts.Download.class);

  private final FriendlyForm form;

  KeptForm(FriendlyForm form) {
    this.form = form;
  }

  /** One, or a list of them. */
  Json caches(Yaml yaml, At at) {
    return each(
        yaml,
        at,
        (one, where) -> {
          var fields = form.fields(one, where, where.spoken(), CACHE, this::cacheField);
          lacks(one, where, fields, "paths", "what is to be kept, as ~/.m2/repository");
          lacks(
              one,
              where,
              fields,
              "key",
              "what it is known by, as [maven, {files: \"**/pom.xml\"}]");
          return new Json.Obj(fields);
        });
  }

  private Json cacheField(Yaml yaml, At at) {
    return switch (last(at)) {
      case "paths" -> form.list(yaml, at);
      case "key" -> key(yaml, at);
      case "restore-keys" -> each(yaml, at, this::key);
      default -> form.text(yaml, at);
    };
  }

  /** A part, or a list of them: a text, {@code files:} or {@code matrix:}. */
  private Json key(Yaml yaml, At at) {
    return each(yaml, at, this::part);
  }

  private Json part(Yaml yaml, At at) {
    if (yaml instanceof Yaml.Scalar) {
      var text = new LinkedHashMap<String, Json>();
      text.put("text", form.text(yaml, at));
      return FriendlyForm.typed("text", text);
    }
    var fields =
        form.fields(
            yaml,
            at,
            at.spoken(),
            List.of("files", "matrix"),
            (value, field) ->
                last(field).equals("files") ? form.list(value, field) : form.text(value, field));
    if (fields.size() != 1) {
      throw new Refused(yaml.line(), at.spoken() + ": wants one of files and matrix, or a text");
    }
    return FriendlyForm.typed(fields.firstEntry().getKey(), fields);
  }

  Json artifacts(Yaml yaml, At at) {
    return new Json.Obj(
        form.fields(
            yaml,
            at,
            at.spoken(),
            ARTIFACTS,
            (value, field) ->
                each(value, field, last(field).equals("upload") ? this::upload : this::download)));
  }

  private Json upload(Yaml yaml, At at) {
    var fields =
        form.fields(
            yaml,
            at,
            at.spoken(),
            UPLOAD,
            (value, field) ->
                last(field).equals("paths") ? form.list(value, field) : form.text(value, field));
    lacks(yaml, at, fields, "name", "what it is called");
    lacks(yaml, at, fields, "paths", "which files it is made of");
    return new Json.Obj(fields);
  }

  /** A name alone does where there is no more to say. */
  private Json download(Yaml yaml, At at) {
    if (yaml instanceof Yaml.Scalar) {
      var name = new LinkedHashMap<String, Json>();
      name.put("name", form.text(yaml, at));
      return new Json.Obj(name);
    }
    var fields = form.fields(yaml, at, at.spoken(), DOWNLOAD, form::text);
    lacks(yaml, at, fields, "name", "what it is called");
    return new Json.Obj(fields);
  }

  private interface One {
    Json of(Yaml yaml, At at);
  }

  /** One of them, or a list. */
  private Json each(Yaml yaml, At at, One one) {
    List<Yaml> items = yaml instanceof Yaml.Sequence(int line, var many) ? many : List.of(yaml);
    var found = new ArrayList<Json>();
    for (int i = 0; i < items.size(); i++) {
      At each = at.item(i);
      form.place(each, items.get(i).line());
      if (items.get(i) instanceof Yaml.Nothing) {
        throw new Refused(items.get(i).line(), each.spoken() + ": is empty; write it or remove it");
      }
      found.add(one.of(items.get(i), each));
    }
    return new Json.Arr(found);
  }

  private static void lacks(
      Yaml yaml, At at, SequencedMap<String, Json> fields, String name, String what) {
    if (!fields.containsKey(name)) {
      throw new Refused(yaml.line(), at.spoken() + ": lacks " + name + ": " + what);
    }
  }

  private static String last(At at) {
    return at.path().substring(at.path().lastIndexOf('.') + 1);
  }
}

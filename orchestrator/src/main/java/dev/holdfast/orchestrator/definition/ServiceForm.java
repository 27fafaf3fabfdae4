package dev.holdfast.orchestrator.definition;

import dev.holdfast.model.definition.Service;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.Records;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;

/** {@code services:} of a job, as {@link FriendlyForm} does the rest. */
final class ServiceForm {
  private static final List<String> SERVICE =
      Records.fieldNames(Service.class).stream().filter(name -> !name.equals("name")).toList();
  private static final List<String> READY =
      Stream.of(Service.Ready.Port.class, Service.Ready.Command.class)
          .flatMap(ready -> Records.fieldNames(ready).stream())
          .distinct()
          .toList();

  private static final String PORT = "a port, as 5432";

  private final FriendlyForm form;

  ServiceForm(FriendlyForm form) {
    this.form = form;
  }

  Json services(Yaml yaml, At at) {
    var found = new ArrayList<Json>();
    FriendlyForm.mapping(yaml, at.spoken(), "the services by name")
        .entries()
        .forEach((name, entry) -> {
          String spoken = At.join(at.spoken(), FriendlyForm.spoken(name));
          At service = at.item(found.size(), name, spoken);
          form.place(service, entry.line());
          var fields = new LinkedHashMap<String, Json>();
          fields.put("name", new Json.Str(name));
          fields.putAll(
              form.fields(entry.value(), service, service.spoken(), SERVICE, this::field));
          lacks(entry, service, fields.containsKey("image"), "image: what its container is of");
          lacks(entry, service, fields.containsKey("ready"), "ready: a port, or a script");
          found.add(new Json.Obj(fields));
        });
    return new Json.Arr(found);
  }

  private static void lacks(Yaml.Entry service, At at, boolean has, String what) {
    if (!has) {
      throw new Refused(service.line(), at.spoken() + ": lacks " + what);
    }
  }

  private Json field(Yaml yaml, At at) {
    return switch (at.path().substring(at.path().lastIndexOf('.') + 1)) {
      case "env" -> form.texts(yaml, at, form::text);
      case "command" -> command(yaml, at);
      case "ready" -> ready(yaml, at);
      default -> form.text(yaml, at);
    };
  }

  private Json command(Yaml yaml, At at) {
    if (yaml instanceof Yaml.Scalar) {
      throw new Refused(
          yaml.line(),
          at.spoken() + ": is one text; write a list of words, as [redis-server, --save, \"\"]");
    }
    return form.list(yaml, at);
  }

  /** A number is a port, another text a script. */
  private Json ready(Yaml yaml, At at) {
    if (yaml instanceof Yaml.Scalar(int line, String text)) {
      return isNumber(text) ? port(line, text, at) : script(new Json.Str(text));
    }
    var fields =
        form.fields(
            yaml,
            at,
            at.spoken(),
            READY,
            (value, field) ->
                field.path().endsWith(".port")
                        && value instanceof Yaml.Scalar(int line, String text)
                    ? number(line, text, field, PORT)
                    : form.text(value, field));
    if (fields.containsKey("port") == fields.containsKey("run")) {
      throw new Refused(yaml.line(), at.spoken() + ": wants one of port and run");
    }
    return FriendlyForm.typed(fields.containsKey("port") ? "port" : "command", fields);
  }

  static boolean isNumber(String text) {
    return text.matches("-?[0-9]{1,9}");
  }

  private static Json port(int line, String text, At at) {
    var fields = new LinkedHashMap<String, Json>();
    fields.put("port", number(line, text, at, PORT));
    return FriendlyForm.typed("port", fields);
  }

  private static Json script(Json run) {
    var fields = new LinkedHashMap<String, Json>();
    fields.put("run", run);
    return FriendlyForm.typed("command", fields);
  }

  /**
   * @param what should stand there, with an example
   */
  static Json number(int line, String text, At at, String what) {
    if (!isNumber(text)) {
      throw new Refused(line, at.spoken() + ": is not a number; write " + what);
    }
    return Json.Num.of(Long.parseLong(text));
  }
}

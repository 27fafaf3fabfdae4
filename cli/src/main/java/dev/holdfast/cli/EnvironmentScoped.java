package dev.holdfast.cli;

import dev.holdfast.cli.client.Api;
import dev.holdfast.cli.client.Fields;
import dev.holdfast.cli.terminal.ExitCode;
import dev.holdfast.cli.terminal.Plain;
import dev.holdfast.cli.terminal.Refusal;
import dev.holdfast.cli.terminal.Terminal;
import dev.holdfast.model.json.Json;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command about the environments of a repository or an organisation. */
abstract class EnvironmentScoped extends ClientCommand {
  static final String NAME =
      "As production or review/feature-1; review/* is all below review that are not set by"
          + " themselves.";

  @Option(names = "--repository", paramLabel = "NAME", description = "Of this repository.")
  @Nullable String repository;

  @Option(
      names = "--organisation",
      paramLabel = "NAME",
      description = "Of all repositories that were added with this organisation.")
  @Nullable String organisation;

  EnvironmentScoped(Terminal terminal) {
    super(terminal);
  }

  final String scoped(String path, Map<String, Optional<String>> more) {
    if ((repository == null) == (organisation == null)) {
      throw new Refusal(ExitCode.USAGE, "give one of --repository and --organisation");
    }
    var query = new LinkedHashMap<>(more);
    query.put("repository", Optional.ofNullable(repository));
    query.put("organisation", Optional.ofNullable(organisation));
    return path + Api.query(query);
  }

  final String one(String name) {
    return scoped("/api/v1/environment", Map.of("name", Optional.of(name)));
  }

  final String lock(String name) {
    return scoped("/api/v1/environment/lock", Map.of("name", Optional.of(name)));
  }

  /** The rules that {@code file} holds, {@code -} for standard input. */
  final Json.Obj read(Path file) {
    return JsonFile.read(terminal, file, "{} asks for nothing");
  }

  /** All that applies to a name, and who is there. */
  final ExitCode answer(Fields applying) {
    if (json) {
      terminal.json(applying.json());
      return ExitCode.OK;
    }
    PrintStream out = terminal.out();
    for (Fields environment : applying.list("environments")) {
      out.println(
          terminal.style().bold(Plain.of(environment.text("name")))
              + (environment.has("organisation")
                  ? " of the organisation " + Plain.of(environment.text("organisation"))
                  : ""));
      rules(environment).forEach(out::println);
    }
    applying.list("inside").forEach(one -> out.println("inside       " + line(one)));
    applying.list("waiting").forEach(one -> out.println("waiting      " + line(one)));
    return ExitCode.OK;
  }

  private static String line(Fields deployment) {
    return Plain.of(deployment.text("what")) + " at " + Plain.of(deployment.text("commit"), 12);
  }

  /** One rule a line, those that ask for nothing left out. */
  static List<String> rules(Fields environment) {
    var lines = new java.util.ArrayList<String>();
    if (environment.has("problem")) {
      lines.add("lets nobody in: " + Plain.of(environment.text("problem")));
    }
    Fields lock = environment.at("lock");
    if (lock.has("by")) {
      lines.add(
          "locked       by " + Plain.of(lock.text("by")) + ": " + Plain.of(lock.text("why"), 200));
    }
    Fields rules = environment.at("rules");
    for (String list : List.of("branches", "tags", "triggers")) {
      if (rules.has(list)) {
        lines.add(pad(list) + words(rules.list(list)));
      }
    }
    for (String text : List.of("trust", "timer", "concurrency")) {
      if (rules.has(text)) {
        lines.add(pad(text) + Plain.of(rules.text(text)));
      }
    }
    Fields approval = rules.at("approval");
    if (approval.has("count")) {
      String who =
          words(
              java.util.stream.Stream.concat(
                      approval.list("users").stream(), approval.list("teams").stream())
                  .toList());
      lines.add(
          pad("approval")
              + approval.number("count", 0)
              + (who.isEmpty() ? "" : " of " + who)
              + (approval.is("own") ? ", one's own counts" : ", not one's own"));
    }
    if (rules.has("variables") && rules.at("variables").json() instanceof Json.Obj(var fields)) {
      fields.forEach((name, value) ->
          lines.add(
              pad("variable")
                  + Plain.of(name)
                  + "="
                  + (value instanceof Json.Str(var text) ? Plain.of(text, 200) : "")));
    }
    return lines;
  }

  private static String pad(String word) {
    return String.format("%-13s", word);
  }

  private static String words(List<Fields> texts) {
    return texts.stream().map(Fields::text).map(Plain::of).collect(Collectors.joining(", "));
  }
}

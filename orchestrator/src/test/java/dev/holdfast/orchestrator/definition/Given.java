package dev.holdfast.orchestrator.definition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.LockFile;
import dev.holdfast.model.definition.Sources;
import dev.holdfast.model.definition.Workflow;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Files of a repository, and what became of them. */
final class Given {
  static final String LOCK = "holdfast.lock.json";

  private Given() {}

  static DefinitionFiles files(String... namesAndTexts) {
    var files = new TreeMap<String, byte[]>();
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      files.put(namesAndTexts[i], namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
    }
    return new DefinitionFiles(files);
  }

  /** The one workflow of {@code ci.yaml}. */
  static Workflow workflow(String... yaml) {
    Definitions read = DefinitionReader.read(files("ci.yaml", String.join("\n", yaml)));
    assertThat(read).isInstanceOf(Definitions.Valid.class);
    return ((Definitions.Valid) read).workflows().getFirst();
  }

  /** What is wrong with {@code ci.yaml}. */
  static List<String> errors(String... yaml) {
    return errors(files("ci.yaml", String.join("\n", yaml)));
  }

  static List<String> errors(DefinitionFiles files) {
    return switch (DefinitionReader.read(files)) {
      case Definitions.Invalid(var errors) -> errors;
      case Definitions.Valid valid -> List.of();
      case Definitions.Absent absent -> List.of();
    };
  }

  /** A lock file of these workflows (JSON, comma-separated) for these sources. */
  static String lock(Map<String, String> sources, String workflows) {
    return "{\"version\":%d,\"sources\":\"%s\",\"workflows\":[%s]}"
        .formatted(LockFile.VERSION, new Sources(sources).digest(), workflows);
  }

  static String json(String name, String... jobs) {
    return "{\"name\":\"%s\",\"on\":[{\"type\":\"push\"}],\"jobs\":[%s]}"
        .formatted(name, String.join(",", jobs));
  }

  static String job(String name, String needs, String step) {
    return "{\"name\":\"%s\",\"needs\":[%s],\"steps\":[{\"type\":%s}]}"
        .formatted(name, needs, step);
  }

  static String job(String name, String... needs) {
    String quoted = needs.length == 0 ? "" : "\"" + String.join("\",\"", needs) + "\"";
    return job(name, quoted, "\"command\",\"name\":\"s\",\"run\":\"true\"");
  }
}

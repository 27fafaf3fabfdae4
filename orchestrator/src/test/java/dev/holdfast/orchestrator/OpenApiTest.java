package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.json.Json;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The description and the routes are the same list. */
class OpenApiTest {
  @TempDir Path data;

  private static Json.Obj part(Json.Obj of, String name) {
    return (Json.Obj) of.fields().getOrDefault(name, Json.NULL);
  }

  @Test
  void everyRouteIsDescribedAndEveryDescriptionIsARoute() throws Exception {
    try (Stage stage = new Stage(data, Clock.systemUTC())) {
      Caller.Answer answer = stage.caller("nobody").get("/api/v1/openapi.json");
      var described = new ArrayList<String>();
      var document = (Json.Obj) answer.json();
      part(document, "paths")
          .fields()
          .forEach((path, methods) ->
              ((Json.Obj) methods)
                  .fields()
                  .keySet()
                  .forEach(method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path)));
      assertThat(described).containsExactlyInAnyOrderElementsOf(stage.routes().keySet());
      var schemas = part(part(document, "components"), "schemas").fields().keySet();
      assertThat(
              Pattern.compile("#/components/schemas/(\\w+)")
                  .matcher(answer.text())
                  .results()
                  .map(r -> r.group(1))
                  .distinct())
          .containsExactlyInAnyOrderElementsOf(schemas);
    }
  }
}

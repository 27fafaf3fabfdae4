package dev.holdfast.orchestrator.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class JsonSchemaTest {
  private static final Path PUBLISHED = Path.of("../docs/schema/holdfast.lock.v1.schema.json");

  @Test
  void thePublishedSchemaIsTheRecords() throws Exception {
    if (Boolean.getBoolean("holdfast.schema.write")) {
      Files.createDirectories(PUBLISHED.getParent());
      Files.writeString(PUBLISHED, JsonSchema.lockFile());
    }
    assertThat(Files.readString(PUBLISHED))
        .as("after a change of the model run this test with -Dholdfast.schema.write=true")
        .isEqualTo(JsonSchema.lockFile());
  }
}

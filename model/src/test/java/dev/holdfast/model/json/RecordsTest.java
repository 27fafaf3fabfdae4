package dev.holdfast.model.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.LockFile;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.definition.Workflow;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecordsTest {
  private static final LockFile LOCK =
      new LockFile(
          1,
          "sha256:" + "0".repeat(64),
          List.of(
              new Workflow(
                  new Name("ci"),
                  List.of(
                      new Trigger.Push(List.of("main"), List.of(), List.of()),
                      new Trigger.Schedule("30 4 * * 1")),
                  List.of(
                      new Job(
                          new Name("test"),
                          List.of(),
                          List.of(new Name("linux")),
                          Optional.empty(),
                          Map.of("A", "1"),
                          Map.of("jdk", List.of("21", "25")),
                          Optional.empty(),
                          Optional.of(When.ALWAYS),
                          Optional.of(new TimeLimit("10m")),
                          List.of(
                              new Step.Command(
                                  "unit tests",
                                  "mvn verify",
                                  Map.of(),
                                  Optional.empty(),
                                  Optional.empty(),
                                  Optional.empty()),
                              new Step.Code("report", Optional.empty(), Optional.empty())))))));

  @Test
  void aLockFileIsReadAsItWasWritten() {
    String text = LOCK.text();
    assertThat(LockFile.read(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(LOCK);
    assertThat(text).contains("\"runs-on\" : [\n").contains("\"when\" : \"always\"");
  }

  @Test
  void anUnknownFieldIsRefusedWithItsPlace() {
    String text = LOCK.text().replace("\"runs-on\"", "\"runs-upon\"");
    assertThatThrownBy(() -> LockFile.read(text.getBytes(StandardCharsets.UTF_8)))
        .hasMessageStartingWith(
            "workflows[0].jobs[0]: has the unknown field \"runs-upon\"; known are name, needs");
  }

  @Test
  void aNewerVersionIsRefusedBeforeItsContentIsLookedAt() {
    byte[] text = "{\"version\": 2, \"novelty\": []}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> LockFile.read(text))
        .hasMessageStartingWith("version: is \"2\"; this Holdfast reads version 1.");
  }
}

package dev.holdfast.orchestrator.definition;

import static dev.holdfast.orchestrator.definition.Given.LOCK;
import static dev.holdfast.orchestrator.definition.Given.errors;
import static dev.holdfast.orchestrator.definition.Given.files;
import static dev.holdfast.orchestrator.definition.Given.job;
import static dev.holdfast.orchestrator.definition.Given.json;
import static dev.holdfast.orchestrator.definition.Given.lock;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LockFileReadingTest {
  private static final Map<String, String> SOURCES = Map.of("Ci.java", "class Ci {}\n");
  private static final String CODE = job("c", "", "\"code\",\"name\":\"s\"");

  @Test
  void aLockFileWithItsSourcesIsValid() {
    String lock = lock(SOURCES, json("ci", job("a"), CODE));
    var read = DefinitionReader.read(files(LOCK, lock, "Ci.java", "class Ci {}\n"));
    assertThat(read).isInstanceOf(Definitions.Valid.class);
    assertThat(((Definitions.Valid) read).sources()).isPresent();
  }

  @Test
  void sourcesThatChangedAreDrift() {
    var files = files(LOCK, lock(SOURCES, json("ci", job("a"))), "Ci.java", "class Ci { }\n");
    assertThat(errors(files))
        .containsExactly(
            ".holdfast/holdfast.lock.json: does not match its sources; run `holdfast compile` and"
                + " commit");
  }

  @Test
  void withoutSourcesOnlyCommandsAreValid() {
    assertThat(errors(files(LOCK, lock(SOURCES, json("ci", job("a")))))).isEmpty();
    assertThat(errors(files(LOCK, lock(SOURCES, json("ci", CODE)))))
        .singleElement()
        .asString()
        .contains("jobs[c]: has code steps, but .holdfast holds no Java sources");
  }

  @Test
  void sourcesWithoutALockFileAreRefusedWithTheMend() {
    assertThat(errors(files("Ci.java", "class Ci {}")))
        .singleElement()
        .asString()
        .contains("holdfast.lock.json: is missing", "run `holdfast compile` and commit");
  }

  @Test
  void otherFilesAreNoDefinitions() {
    assertThat(DefinitionReader.read(files())).isEqualTo(new Definitions.Absent());
    assertThat(DefinitionReader.read(files("README.md", "x"))).isEqualTo(new Definitions.Absent());
  }

  @Test
  void aTruncatedLockFileIsOneLine() {
    String lock = lock(SOURCES, json("ci", job("a")));
    for (int length = 0; length < lock.length(); length++) {
      assertThat(errors(files(LOCK, lock.substring(0, length))))
          .singleElement()
          .asString()
          .startsWith(".holdfast/holdfast.lock.json: ")
          .hasLineCount(1)
          .hasSizeLessThan(500);
    }
  }

  @Test
  void aNewerVersionACycleAndAMegabyteLongNameAreOneLineEach() {
    assertThat(errors(files(LOCK, "{\"version\":2,\"new\":1}")))
        .singleElement()
        .asString()
        .contains("version: is \"2\"; this Holdfast reads version 1. Upgrade Holdfast");
    assertThat(errors(files(LOCK, lock(SOURCES, json("ci", job("a", "b"), job("b", "a"))))))
        .singleElement()
        .asString()
        .contains("workflows[ci].jobs[a].needs: jobs need each other in a circle: a needs b");
    assertThat(errors(files(LOCK, lock(SOURCES, json("x".repeat(1_000_000), job("a"))))))
        .singleElement()
        .asString()
        .contains("is not a name")
        .hasSizeLessThan(500);
    assertThat(errors(files(LOCK, "{\"" + "x".repeat(1_000_000) + "\":1}")))
        .singleElement()
        .asString()
        .hasSizeLessThan(500);
  }

  @Test
  void hostileFileNamesAndSourcesAreOneLine() {
    assertThat(errors(files("a\nb\u202e.yaml", "on: push")))
        .singleElement()
        .asString()
        .startsWith(".holdfast/\"a?b?.yaml\"")
        .hasLineCount(1);
    assertThat(errors(files("x y.java", "")))
        .singleElement()
        .asString()
        .contains("not a file name");
  }

  @Test
  void bothFrontEndsShareOneSetOfNames() {
    String yaml = "name: ci\non: push\njobs: {a: {steps: ['true']}}\n";
    assertThat(errors(files(LOCK, lock(SOURCES, json("ci", job("a"))), "other.yml", yaml)))
        .containsExactly(".holdfast/other.yml:1: two workflows are named ci; rename one of them");
  }
}

package dev.holdfast.model.definition;

import static dev.holdfast.model.Examples.job;
import static dev.holdfast.model.Examples.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValidationTest {
  @Test
  void aDiamondIsFine() {
    assertThat(problems(workflow(job("a"), job("b", "a"), job("c", "a"), job("d", "b", "c"))))
        .isEmpty();
  }

  @Test
  void aCircleIsNamedFromEndToEnd() {
    assertThat(problems(workflow(job("x"), job("a", "c", "x"), job("b", "a"), job("c", "b"))))
        .singleElement()
        .satisfies(p -> {
          assertThat(p.path()).isEqualTo("workflows[ci].jobs[a].needs");
          assertThat(p.message())
              .isEqualTo(
                  "jobs need each other in a circle: a needs c needs b needs a; remove one of"
                      + " these needs");
        });
  }

  @Test
  void aJobThatNeedsItselfIsACircle() {
    assertThat(problems(workflow(job("a", "a"))))
        .singleElement()
        .extracting(Problem::message)
        .asString()
        .contains("a needs a");
  }

  @Test
  void unknownNeedsAndDuplicatesAreAllReported() {
    assertThat(problems(workflow(job("a"), job("a"), job("b", "nope", "a", "a"))))
        .extracting(Problem::path)
        .containsExactly(
            "workflows[ci].jobs[a]",
            "workflows[ci].jobs[b].needs[0]",
            "workflows[ci].jobs[b].needs[2]");
  }

  @Test
  void theLargestWorkflowIsCheckedInNoTime() {
    var jobs = new ArrayList<Job>();
    for (int i = 0; i < Validation.MOST_JOBS; i++) {
      int self = i;
      String[] needs =
          java.util.stream.IntStream.range(0, self).mapToObj(n -> "j" + n).toArray(String[]::new);
      jobs.add(job("j" + i, needs));
    }
    assertThat(problems(workflow(jobs.toArray(Job[]::new)))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-x", "a b", "ä", "a/b", "a\n", "../x"})
  void hostileNamesAreRefused(String name) {
    assertThatThrownBy(() -> new Name(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not a name");
  }

  @Test
  void aMegabyteOfNameIsRefusedInOneShortLine() {
    assertThatThrownBy(() -> new Name("x".repeat(1 << 20)))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(250).doesNotContain("\n"));
  }

  @Test
  void aMatrixThatExplodesIsRefused() {
    var values = java.util.stream.IntStream.range(0, 17).mapToObj(Integer::toString).toList();
    assertThatThrownBy(() -> job("a", Map.of("x", values, "y", values), Optional.empty()))
        .hasMessageContaining("more than 256 combinations");
  }

  @Test
  void holdfastsOwnVariablesCannotBeSet() {
    assertThatThrownBy(() -> Env.checked(Map.of("HOLDFAST_COMMIT", "x")))
        .hasMessageContaining("cannot be set");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc", "../x", "a/../../b", "", "a/.."})
  void directoriesStayBelowTheWorkspace(String path) {
    assertThatThrownBy(() -> Texts.directory(path)).hasMessageContaining("below the workspace");
  }

  private static List<Problem> problems(Workflow... workflows) {
    return Validation.problems(List.of(workflows));
  }

  @Test
  void whatWouldCollideOrExplodeIsRefused() {
    assertThatThrownBy(() -> job("a", Map.of("x", List.of("1,b=2")), Optional.empty()))
        .hasMessageContaining("holds one of [ ] , =");
    var axes = new java.util.HashMap<String, List<String>>();
    for (int i = 0; i < 300; i++) {
      axes.put("a" + i, List.of("1"));
    }
    assertThatThrownBy(() -> job("a", axes, Optional.empty())).hasMessageContaining("matrix axes");
    var values = java.util.stream.IntStream.range(0, 200).mapToObj(Integer::toString).toList();
    assertThat(
            problems(
                workflow(
                    job("a", Map.of("x", values), Optional.empty()),
                    job("b", Map.of("x", values), Optional.empty()))))
        .extracting(Problem::message)
        .containsExactly("a run of it would have 400 jobs, matrices counted; the most is 256");
    assertThat(problems(workflow(job("a-b"), job("a_b"))))
        .extracting(Problem::message)
        .first()
        .asString()
        .contains("would have the same environment variables");
    assertThat(problems(workflow(job("a", Map.of(), Optional.of(When.FAILURE)))))
        .extracting(Problem::message)
        .containsExactly("job a waits for a failure but needs no job; add needs");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--privileged", "/etc/passwd", "http://x/y", "a b", "A", "x:", "../x"})
  void hostileImageReferencesAreRefused(String image) {
    assertThatThrownBy(() -> Texts.image(image)).hasMessageContaining("is not a reference");
    assertThat(Texts.image("registry.example:5000/a/b:1")).isNotNull();
  }
}

package dev.holdfast.model.plan;

import static dev.holdfast.model.Examples.job;
import static dev.holdfast.model.Examples.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlannerTest {
  @Test
  void aMatrixIsOneJobForEachCombinationAndDependantsNeedAllOfThem() {
    var axes = new LinkedHashMap<String, List<String>>();
    axes.put("os", List.of("linux", "bsd"));
    axes.put("jdk", List.of("21", "25"));
    var planned =
        Planner.plan(
            workflow(
                job("build"), job("test", axes, Optional.empty(), "build"), job("ship", "test")));
    assertThat(planned)
        .extracting(PlannedJob::key)
        .containsExactly(
            "build",
            "test[os=linux,jdk=21]",
            "test[os=linux,jdk=25]",
            "test[os=bsd,jdk=21]",
            "test[os=bsd,jdk=25]",
            "ship");
    assertThat(planned.get(1).matrix()).isEqualTo(Map.of("os", "linux", "jdk", "21"));
    assertThat(planned.get(1).needs()).containsExactly("build");
    assertThat(planned.getLast().needs()).hasSize(4);
  }
}

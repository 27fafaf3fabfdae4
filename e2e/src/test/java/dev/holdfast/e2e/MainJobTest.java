package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The main job: push, run in a sandbox, log, result, and nothing left. */
class MainJobTest {
  @TempDir Path folder;

  private static final String DIAMOND =
      """
      name: ci
      on: push
      jobs:
        base:
          steps:
            - name: say
              run: echo "commit $HOLDFAST_COMMIT"; echo "version=7" >> "$HOLDFAST_OUTPUT"
        left:
          needs: base
          steps: [{name: left, run: 'echo "left of $HOLDFAST_NEEDS_BASE_VERSION"'}]
        right:
          needs: base
          matrix: {flavour: [sweet, sour]}
          steps: [{name: right, run: 'echo "right $HOLDFAST_MATRIX_FLAVOUR"'}]
        tip:
          needs: [left, right]
          steps: [{name: tip, run: 'echo tip'}]
        broken:
          needs: base
          steps:
            - {name: fails, run: 'echo before; exit 3; echo after'}
            - {name: never, run: 'echo never'}
            - {name: mop, run: 'echo mopped', when: always}
        after-broken:
          needs: broken
          steps: [{name: x, run: 'echo x'}]
      """;

  @ParameterizedTest
  @EnumSource
  void aDiamondAMatrixAndAFailureEndAsTheyShould(Backend backend) throws Exception {
    backend.assume();
    var repository = TestRepository.create(folder);
    try (var holdfast = Installation.start(folder)) {
      holdfast.startAgent("one", backend, 2);
      holdfast.addRepository("app", repository);
      repository.write(".holdfast/ci.yaml", DIAMOND);
      String commit = repository.commit("the first");
      repository.push("main");
      var run = new Run(holdfast.awaitRuns("app", 1).getFirst());

      assertThat(run.states())
          .isEqualTo(
              Map.of(
                  "base", "succeeded",
                  "left", "succeeded",
                  "right[flavour=sweet]", "succeeded",
                  "right[flavour=sour]", "succeeded",
                  "tip", "succeeded",
                  "broken", "failed",
                  "after-broken", "skipped"));
      assertThat(run.state()).isEqualTo("failed");
      assertThat(log(holdfast, run, "base")).isEqualTo("commit " + commit + "\n");
      assertThat(log(holdfast, run, "left")).isEqualTo("left of 7\n");
      assertThat(log(holdfast, run, "right[flavour=sour]")).isEqualTo("right sour\n");
      assertThat(log(holdfast, run, "broken")).isEqualTo("before\nmopped\n");

      var steps = Api.list(run.attempts("broken").getLast(), "steps");
      assertThat(steps.stream().map(s -> Api.string(s, "state")).toList())
          .isEqualTo(List.of("failed", "skipped", "succeeded"));
      assertThat(Api.string(steps.getFirst(), "exit-code")).isEqualTo("3");

      assertThat(holdfast.cli("logs", "-f", "--exit-code", run.id()).exit()).isEqualTo(1);
      assertThat(Host.traces(holdfast.agentData("one"))).isEmpty();
    }
    assertThat(Host.traces(folder)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aHundredMegabytesAndATenMegabyteLineArriveWholeAndInOrder(Backend backend) throws Exception {
    backend.assume();
    var repository = TestRepository.create(folder);
    try (var holdfast = Installation.start(folder)) {
      holdfast.startAgent("one", backend, 1);
      holdfast.addRepository("app", repository);
      repository.write(
          ".holdfast/ci.yaml",
          """
          on: push
          jobs:
            big:
              steps:
                - {name: many lines, run: 'seq -f "%015.0f" 1 6553600'}
            line:
              steps:
                - {name: one line, run: 'head -c 10485760 /dev/zero | tr "\\\\0" x'}
          """);
      repository.commit("big");
      repository.push("main");
      var run = new Run(holdfast.awaitRuns("app", 1).getFirst());
      assertThat(run.state()).isEqualTo("succeeded");

      byte[] big = holdfast.log(run.lastAttempt("big"));
      assertThat(big).hasSize(6_553_600 * 16);
      for (int i = 0; i < 6_553_600; i++) {
        long number = 0;
        for (int d = 0; d < 15; d++) {
          number = number * 10 + big[i * 16 + d] - '0';
        }
        if (number != i + 1 || big[i * 16 + 15] != '\n') {
          throw new AssertionError("line " + (i + 1) + " is out of place");
        }
      }
      byte[] line = holdfast.log(run.lastAttempt("line"));
      assertThat(line).hasSize(10_485_760);
      assertThat(new String(line, StandardCharsets.ISO_8859_1).chars().allMatch(c -> c == 'x'))
          .isTrue();
      System.out.println("figure: bytes of log checked = " + (big.length + line.length) + " B");
    }
  }

  private static String log(Installation holdfast, Run run, String job) {
    return new String(holdfast.log(run.lastAttempt(job)), StandardCharsets.UTF_8);
  }
}

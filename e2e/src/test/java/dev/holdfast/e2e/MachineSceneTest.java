package dev.holdfast.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.model.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is a machine's alone to get right, by server, agent and command: secrets, and limits. */
class MachineSceneTest {
  private static final String MARK = "c4n4ry-";

  /** The last job is the control: it does with the secret what a step should not. */
  private static final String WORKFLOW =
      """
      on: push
      jobs:
        holds:
          steps:
            - run: 'echo "it is $TOKEN."; sync; echo held; sleep 30'
              secrets: TOKEN
            - run: >-
                echo "environment: ${TOKEN-none},
                of processes: $(cat /proc/[0-9]*/environ 2>/dev/null | grep -c -a c4n4r[y]),
                files: $(grep -r -l -s 'c4n4r[y]-' /workspace /home /tmp /dev/shm /run /var | wc -l)"
        late:
          timeout: 10s
          steps: [{run: 'echo begun; sleep 600'}]
        keeps:
          needs: holds
          steps:
            - run: 'printf %s "$TOKEN" >kept; sync; echo held; sleep 30'
              secrets: TOKEN
      """;

  @TempDir Path folder;

  private final String value = MARK + UUID.randomUUID();

  private static String log(Installation holdfast, String attempt) {
    return new String(holdfast.log(attempt), UTF_8);
  }

  @Test
  void aSecret_isTheStepsThatNamesIt_andNeitherOnTheMachinesDiskNorInItsBase() throws Exception {
    Backend.MICROVM.assume();
    var repository = TestRepository.create(folder);
    try (var holdfast = Installation.start(folder)) {
      holdfast.startAgent("one", Backend.MICROVM, 1);
      holdfast.addRepository("app", repository);
      Path file = Files.writeString(folder.resolve("value"), value);
      holdfast
          .cli("secret", "set", "TOKEN", "--repository", "app", "--from-file", file.toString())
          .ok();
      Files.delete(file);
      repository.write(".holdfast/ci.yaml", WORKFLOW).commit("the first");
      repository.push("main");
      var hunt = new Hunt(Map.of("secret", value));
      Path agent = holdfast.agentData("one").resolve("agent");

      String holds = awaitLog(holdfast, "holds", "held\n");
      assertThat(hunt.in(written(agent))).as("while a step holds it").isEmpty();
      String keeps = awaitLog(holdfast, "keeps", "held\n");
      assertThat(hunt.in(written(agent))).as("control: a step wrote it down").isNotEmpty();

      var run = new Run(holdfast.awaitRuns("app", 1).getFirst());
      assertThat(log(holdfast, holds))
          .contains("it is ***.\n")
          .contains("environment: none, of processes: 0, files: 0\n");
      assertThat(log(holdfast, keeps)).doesNotContain(value);
      assertThat(run.states())
          .isEqualTo(Map.of("holds", "succeeded", "late", "failed", "keeps", "succeeded"));
      Json late = run.attempts("late").getLast();
      assertThat(log(holdfast, Api.string(late, "id"))).startsWith("begun\n");
      assertThat(late.toString()).contains("10").containsIgnoringCase("longer");
      assertThat(Host.traces(holdfast.agentData("one"))).isEmpty();
      assertThat(
              holdfast.cli("image", "verify", "--data", holdfast.agentData("one").toString()).out())
          .isEqualTo("default  whole\n");
      // What all machines share is by its digest what it was before there was a secret.
      try (Stream<Path> kept = Files.list(agent)) {
        for (Path each : kept.filter(p -> !p.endsWith("microvm")).toList()) {
          assertThat(hunt.in(each)).as("in " + each + ", when all are gone").isEmpty();
        }
      }
    }
  }

  /** What the machine that runs has on its disk, without the gigabytes that it has not. */
  private Path written(Path agent) throws Exception {
    Path disk;
    try (Stream<Path> files = Files.walk(agent.resolve("job"))) {
      disk = files.filter(f -> f.endsWith("upper.ext4")).findFirst().orElseThrow();
    }
    Path copy = folder.resolve("written.tar");
    Process tar =
        new ProcessBuilder(
                List.of("tar", "--sparse", "-cf", copy.toString(), "-C", "/", disk.toString()))
            .start();
    // Whoever reads a disk that is written says so, by 1.
    assertThat(tar.waitFor()).isLessThan(2);
    assertThat(Files.size(copy)).isLessThan(1L << 30);
    return copy;
  }

  private static String awaitLog(Installation holdfast, String job, String part) {
    String[] found = {""};
    await()
        .atMost(Duration.ofMinutes(10))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> {
          List<Json> runs = holdfast.allRuns("app");
          if (!runs.isEmpty()) {
            var run = new Run(holdfast.run(Api.string(runs.getFirst(), "id")));
            if (!run.attempts(job).isEmpty()) {
              found[0] = run.lastAttempt(job);
              return log(holdfast, found[0]).contains(part);
            }
          }
          return false;
        });
    return found[0];
  }
}

package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Caches from run to run and artifacts from job to job, and what is left of them after a kill. */
class KeptFilesSceneTest {
  @TempDir Path folder;

  private static final String DIAMOND =
      """
      on: push
      jobs:
        build:
          cache:
            paths: [~/.m2/repository, "tools"]
            key: [deps, {files: "**/pom.xml"}]
            restore-keys: deps
          artifacts:
            upload: {name: jars, paths: [target/*.jar]}
          steps:
            - run: 'test -f ~/.m2/repository/dep && echo "warm $(cat ~/.m2/repository/dep)" || echo cold'
            - run: 'mkdir -p ~/.m2/repository tools target; cat pom.xml >~/.m2/repository/dep; echo t >tools/t'
            - run: 'echo "jar of $HOLDFAST_COMMIT" >target/app.jar; echo no >target/app.txt'
        left:
          needs: build
          artifacts: {download: jars, upload: {name: left, paths: [left]}}
          steps: [{run: 'cat target/app.jar; test ! -e target/app.txt; echo l >left'}]
        right:
          needs: build
          matrix: {flavour: [sweet, sour]}
          artifacts:
            download: [{name: jars, from: build, into: in/here}]
            upload: {name: right, paths: [out/]}
          steps: [{run: 'cat in/here/target/app.jar; mkdir out; echo r >out/$HOLDFAST_MATRIX_FLAVOUR'}]
        tip:
          needs: [left, right]
          artifacts: {download: [left, {name: right, into: all}]}
          steps: [{run: 'cat left; ls all/out'}]
      """;

  private static String log(Installation holdfast, Run run, String job) {
    return new String(holdfast.log(run.lastAttempt(job)), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @EnumSource
  void aDiamondPassesArtifactsOn_andTheNextRunStartsWarm(Backend backend) throws Exception {
    backend.assume();
    var repository = TestRepository.create(folder);
    try (var holdfast = Installation.start(folder)) {
      holdfast.startAgent("one", backend, 2);
      holdfast.addRepository("app", repository);
      repository.write(".holdfast/ci.yaml", DIAMOND).write("pom.xml", "one\n");
      String commit = repository.commit("the first");
      repository.push("main");
      var run = new Run(holdfast.awaitRuns("app", 1).getFirst());
      assertThat(run.states())
          .isEqualTo(
              Map.of(
                  "build", "succeeded",
                  "left", "succeeded",
                  "right[flavour=sweet]", "succeeded",
                  "right[flavour=sour]", "succeeded",
                  "tip", "succeeded"));
      assertThat(log(holdfast, run, "build"))
          .contains("holdfast: cache 1 is not restored: nothing is kept as deps-")
          .contains("cold\n");
      assertThat(log(holdfast, run, "left"))
          .contains("holdfast: downloads the artifact jars of job build (")
          .contains("jar of " + commit + "\n");
      assertThat(log(holdfast, run, "right[flavour=sour]")).contains("jar of " + commit + "\n");
      assertThat(log(holdfast, run, "tip")).contains("l\nsour\nsweet\n");

      repository.write("x", "x").commit("nothing that the key hashes");
      repository.push("main");
      var second = new Run(holdfast.awaitRuns("app", 2).getFirst());
      assertThat(second.state()).isEqualTo("succeeded");
      assertThat(log(holdfast, second, "build")).contains("warm one\n").contains("of branch:main");
      repository.write("pom.xml", "two\n").commit("another key");
      repository.push("main");
      var third = new Run(holdfast.awaitRuns("app", 3).getFirst());
      assertThat(log(holdfast, third, "build")).contains("warm one\n").contains("keeps deps-");

      assertThat(holdfast.cli("artifact", "list", run.id()).out())
          .contains("jars")
          .contains("right");
      Path file = folder.resolve("jars.tar.gz");
      assertThat(
              holdfast.cli("artifact", "download", run.id(), "jars", "-o", file.toString()).exit())
          .isZero();
      Process tar = new ProcessBuilder("tar", "-xzOf", file.toString(), "target/app.jar").start();
      assertThat(new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("jar of " + commit + "\n");
      assertThat(holdfast.cli("cache", "list", "app").out()).contains("deps-", "branch:main");
      assertThat(Host.traces(holdfast.agentData("one"))).isEmpty();
    }
  }

  /** Random, so that it does not become small; large enough to be met on its way. */
  private static final String LARGE =
      """
      on: push
      jobs:
        build:
          artifacts:
            upload: {name: large, paths: [large]}
          steps: [{run: 'head -c 150000000 /dev/urandom >large; sha256sum <large'}]
        test:
          needs: build
          artifacts: {download: large}
          steps: [{run: 'sha256sum <large'}]
      """;

  private static long incoming(Installation holdfast) {
    try (var files = Files.list(holdfast.data().resolve("server/blob/incoming"))) {
      return files.mapToLong(KeptFilesSceneTest::size).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0; // It became a blob meanwhile.
    }
  }

  private static void sameBytes(Installation holdfast, Run run) {
    String digest = "[0-9a-f]{64}  -";
    String made = log(holdfast, run, "build");
    String got = log(holdfast, run, "test");
    assertThat(got).containsPattern(digest);
    String sum = got.lines().filter(line -> line.matches(digest)).findFirst().orElseThrow();
    assertThat(made).contains(sum);
  }

  @Test
  void aServerKilledInMidUpload_hasItGoOnWhereItEnded() throws Exception {
    var repository = TestRepository.create(folder);
    try (var holdfast = Installation.start(folder)) {
      holdfast.startAgent("one", Backend.NAMESPACES, 1);
      holdfast.addRepository("app", repository);
      repository.write(".holdfast/ci.yaml", LARGE).commit("large");
      repository.push("main");
      await().atMost(Duration.ofMinutes(5)).until(() -> incoming(holdfast) > 10_000_000);
      holdfast.server().kill9();
      assertThat(incoming(holdfast)).as("it is under way").isPositive();
      holdfast.restartServer();
      var run = new Run(holdfast.awaitRuns("app", 1).getFirst());
      assertThat(run.state()).isEqualTo("succeeded");
      assertThat(run.attempts("build")).hasSize(1);
      sameBytes(holdfast, run);
    }
  }

  @Test
  void anAgentKilledInMidUpload_leavesNothing_andTheNextTryKeepsItsOwn() throws Exception {
    var repository = TestRepository.create(folder);
    try (var holdfast = Installation.start(folder)) {
      Running first = holdfast.startAgent("first", Backend.NAMESPACES, 1);
      holdfast.addRepository("app", repository);
      repository.write(".holdfast/ci.yaml", LARGE).commit("large");
      repository.push("main");
      await().atMost(Duration.ofMinutes(5)).until(() -> incoming(holdfast) > 10_000_000);
      first.kill9();
      holdfast.startAgent("second", Backend.NAMESPACES, 1);
      var run = new Run(holdfast.awaitRuns("app", 1).getFirst());
      assertThat(run.state()).isEqualTo("succeeded");
      assertThat(run.attempts("build"))
          .extracting(a -> Api.string(a, "state"))
          .containsExactly("lost", "succeeded");
      sameBytes(holdfast, run);
      holdfast.startAgent("first", Backend.NAMESPACES, 1);
      assertThat(Host.traces(holdfast.agentData("first"))).isEmpty();
    }
  }
}

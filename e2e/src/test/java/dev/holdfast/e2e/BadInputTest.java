package dev.holdfast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong is said in one clear line, and nothing else is lost for it. */
class BadInputTest {
  @TempDir Path folder;

  private static final String GOOD =
      """
      on: push
      jobs:
        good:
          steps: [{name: x, run: 'echo "ref=$HOLDFAST_REF"'}]
      """;

  private static String lock(String jobs) {
    return "{\"version\": 1, \"sources\": \"sha256:"
        + "0".repeat(64)
        + "\", \"workflows\": [{\"name\": \"ci\", \"on\": [{\"type\": \"push\"}], \"jobs\": ["
        + jobs
        + "]}]}";
  }

  private static String job(String name, String needs) {
    return "{\"name\": \""
        + name
        + "\", \"needs\": ["
        + needs
        + "], \"steps\": [{\"type\": \"command\", \"name\": \"x\", \"run\": \"true\"}]}";
  }

  private static Map<String, String> badLockFiles() {
    var bad = new LinkedHashMap<String, String>();
    String good = lock(job("a", ""));
    bad.put(good.substring(0, good.length() / 2), "is not valid JSON");
    bad.put("{\"version\": 2}", "version: is \"2\"; this Holdfast reads version 1");
    bad.put(lock(job("a", "\"b\"") + "," + job("b", "\"a\"")), "need each other in a circle");
    bad.put(lock(job("x".repeat(1 << 20), "")), "is not a name");
    bad.put(lock(job("a", "\"nope\"")), "needs nope, which this workflow does not have");
    return bad;
  }

  @Test
  void badLockFilesFailTheirRunInOneLineAndTheNextPushRuns() throws Exception {
    var repository = TestRepository.create(folder);
    try (var holdfast = Installation.start(folder)) {
      holdfast.startAgent("one", Backend.NAMESPACES, 1);
      holdfast.addRepository("app", repository);
      int runs = 0;
      for (var bad : badLockFiles().entrySet()) {
        repository.write(".holdfast/holdfast.lock.json", bad.getKey()).commit("bad");
        repository.push("main");
        assertFailed(holdfast, ++runs, ".holdfast/holdfast.lock.json", bad.getValue());
      }
      Files.delete(repository.work().resolve(".holdfast/holdfast.lock.json"));
      assertRuns(holdfast, repository, ++runs);
    }
  }

  @Test
  void aYamlBombIsRefusedInOneLine() throws Exception {
    var repository = TestRepository.create(folder);
    try (var holdfast = Installation.start(folder)) {
      holdfast.startAgent("one", Backend.NAMESPACES, 1);
      holdfast.addRepository("app", repository);
      String bomb =
          "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
              + IntStream.range(1, 20)
                  .mapToObj(
                      i -> "a" + i + ": &a" + i + " [" + ("*a" + (i - 1) + ", ").repeat(9) + "x]\n")
                  .collect(Collectors.joining());
      repository.write(".holdfast/ci.yaml", bomb).commit("bomb");
      repository.push("main");
      assertFailed(holdfast, 1, ".holdfast/ci.yaml", "");
      assertRuns(holdfast, repository, 2);
    }
  }

  @Test
  void hostileBranchNamesAndGlobsAreOnlyText() throws Exception {
    var repository = TestRepository.create(folder);
    try (var holdfast = Installation.start(folder)) {
      holdfast.startAgent("one", Backend.NAMESPACES, 1);
      holdfast.addRepository("app", repository);
      String globs = "['" + "*a".repeat(249) + "b', '**']";
      repository
          .write(
              ".holdfast/ci.yaml", GOOD.replace("on: push", "on: {push: {paths: " + globs + "}}"))
          .write("a".repeat(200), "x")
          .commit("hostile");
      List<String> names = List.of("$(reboot)", "--upload-pack=x", "`id`;x", "a'b\"c");
      for (int i = 0; i < names.size(); i++) {
        repository.push("HEAD:refs/heads/" + names.get(i));
        List<Json> runs = holdfast.awaitRuns("app", i + 1);
        var run = new Run(runs.getFirst());
        assertThat(run.state()).isEqualTo("succeeded");
        assertThat(
                new String(
                    holdfast.log(run.lastAttempt("good")), java.nio.charset.StandardCharsets.UTF_8))
            .isEqualTo("ref=" + names.get(i) + "\n");
      }
    }
  }

  @Test
  void aRepositoryThatVanishesIsNamedAndTheOthersGoOn() throws Exception {
    var gone = TestRepository.create(folder.resolve("gone"));
    var repository = TestRepository.create(folder.resolve("other"));
    try (var holdfast = Installation.start(folder)) {
      holdfast.startAgent("one", Backend.NAMESPACES, 1);
      holdfast.addRepository("gone", gone);
      holdfast.addRepository("app", repository);
      gone.write(".holdfast/ci.yaml", GOOD).commit("soon gone");
      gone.push("main");
      assertThat(new Run(holdfast.awaitRuns("gone", 1).getFirst()).state()).isEqualTo("succeeded");
      Files.move(gone.bare(), folder.resolve("moved.git"));
      assertRuns(holdfast, repository, 1);
      var answer =
          holdfast
              .api()
              .post(
                  "/api/v1/repositories/gone/events",
                  "{\"workflow\":\"ci\",\"ref\":\"main\",\"inputs\":{}}");
      assertThat(answer.status()).isGreaterThanOrEqualTo(400);
      assertThat(answer.text()).contains("gone").doesNotContain("Exception");

      // It comes back, and so does its service: nothing was lost.
      Files.move(folder.resolve("moved.git"), gone.bare());
      gone.commit("back");
      gone.push("main");
      assertThat(holdfast.awaitRuns("gone", 2)).hasSize(2);
    }
  }

  @Test
  void aFullDiskRefusesAndLosesNothing() throws Exception {
    Path small = folder.resolve("small");
    Files.createDirectories(small);
    Dist.finish(
            folder,
            Map.of(),
            List.of("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", small.toString()))
        .ok();
    try {
      fillAndFree(small);
    } finally {
      Dist.finish(folder, Map.of(), List.of("umount", "-l", small.toString())).ok();
    }
  }

  private void fillAndFree(Path small) throws Exception {
    var repository = TestRepository.create(folder);
    try (var holdfast = Installation.start(folder, small.resolve("data"))) {
      holdfast.startAgent("one", Backend.NAMESPACES, 1);
      holdfast.addRepository("app", repository);
      assertRuns(holdfast, repository, 1);
      Path ballast = small.resolve("ballast");
      Dist.finish(
          folder,
          Map.of(),
          List.of("dd", "if=/dev/zero", "of=" + ballast, "bs=64k", "status=none"));
      // The control: the disk is full for everybody.
      assertThat(
              Dist.finish(
                      folder,
                      Map.of(),
                      List.of("dd", "if=/dev/zero", "of=" + small.resolve("x"), "bs=1M", "count=1"))
                  .exit())
          .isNotZero();
      Files.deleteIfExists(small.resolve("x"));
      // Small writes may still fit into pages that the database has; a large log cannot.
      repository
          .write(
              ".holdfast/ci.yaml",
              GOOD.replace("echo \"ref=$HOLDFAST_REF\"", "head -c 3000000 /dev/urandom | base64"))
          .commit("fill");
      repository.push("main");
      holdfast.awaitServerSays("full", "space");
      Files.delete(ballast);
      var runs = holdfast.awaitRuns("app", 2);
      var run = new Run(runs.getFirst());
      assertThat(run.state()).isEqualTo("succeeded");
      assertThat(holdfast.log(run.lastAttempt("good"))).hasSize(4_052_632);
      assertThat(holdfast.server().lines())
          .noneMatch(line -> line.startsWith("\tat ") || line.contains("Exception in thread"));
    }
  }

  private static void assertRuns(Installation holdfast, TestRepository repository, int count)
      throws IOException, InterruptedException {
    repository.write(".holdfast/ci.yaml", GOOD).commit("good");
    repository.push("main");
    var run = new Run(holdfast.awaitRuns("app", count).getFirst());
    assertThat(run.state()).isEqualTo("succeeded");
  }

  private static void assertFailed(Installation holdfast, int count, String file, String what)
      throws InterruptedException {
    var run = new Run(holdfast.awaitRuns("app", count).getFirst());
    assertThat(run.state()).isEqualTo("failed");
    String reason = Api.string(run.json(), "reason");
    assertThat(reason.lines().findFirst().orElse(""))
        .startsWith(file)
        .contains(what)
        .hasSizeLessThan(400);
    System.out.println("refused with: " + reason.lines().findFirst().orElse(""));
  }
}

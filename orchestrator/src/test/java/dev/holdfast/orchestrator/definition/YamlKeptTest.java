package dev.holdfast.orchestrator.definition;

import static dev.holdfast.orchestrator.definition.Given.errors;
import static dev.holdfast.orchestrator.definition.Given.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Artifacts;
import dev.holdfast.model.definition.Cache;
import dev.holdfast.model.definition.CacheKey;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.JobCaches;
import dev.holdfast.model.definition.KeyPart;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.json.Records;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Caches and artifacts in YAML. */
class YamlKeptTest {
  private static final String BEFORE =
      "on: push\njobs:\n  a:\n    artifacts: {upload: {name: jars, paths: out/}}\n    steps: make\n  b:\n    needs:"
          + " a\n    matrix: {os: [x, y]}\n    steps: make";

  private static Job job(String... lines) {
    return workflow(BEFORE, String.join("\n", lines)).jobs().getLast();
  }

  private static void refused(String line, String error) {
    assertThat(errors(BEFORE, "    " + line)).singleElement().asString().contains(error);
  }

  @Test
  void shortFormsAndLongOnes_areTheSame() {
    var plain =
        new Cache(
            List.of("~/.m2"),
            new CacheKey(List.of(new KeyPart.Text("maven"))),
            List.of(),
            Optional.empty());
    assertThat(job("    cache: {paths: ~/.m2, key: maven}").cache()).containsExactly(plain);
    assertThat(job("    cache: [{paths: [~/.m2], key: [maven]}]").cache()).containsExactly(plain);
    assertThat(
            job(
                    "    cache:",
                    "      - paths: [target, ~/x]",
                    "        key: [m, {files: \"**/pom.xml\"}, {matrix: os}]",
                    "        restore-keys: [[m, {matrix: os}], m]",
                    "        from: untrusted")
                .cache())
        .containsExactly(
            new Cache(
                List.of("target", "~/x"),
                new CacheKey(
                    List.of(
                        new KeyPart.Text("m"),
                        new KeyPart.Files(List.of("**/pom.xml")),
                        new KeyPart.Matrix(new Name("os")))),
                List.of(
                    new CacheKey(
                        List.of(new KeyPart.Text("m"), new KeyPart.Matrix(new Name("os")))),
                    new CacheKey(List.of(new KeyPart.Text("m")))),
                Optional.of(Cache.From.UNTRUSTED)));
    assertThat(job("    artifacts: {download: jars}").downloads())
        .containsExactly(
            new Artifacts.Download(new Name("jars"), Optional.empty(), Optional.empty()));
    Job whole =
        job(
            "    caches: none",
            "    artifacts:",
            "      download: [{name: jars, from: a, into: x/y}]",
            "      upload: {name: r, paths: ['**', '!x'], when: always}");
    assertThat(whole.caches()).contains(JobCaches.NONE);
    assertThat(whole.downloads().getFirst().into()).contains("x/y");
    assertThat(whole.uploads().getFirst().when()).contains(When.ALWAYS);
    // And as a lock file has them.
    assertThat(Records.read(Job.class, Records.utf8(Job.class, whole))).isEqualTo(whole);
  }

  @Test
  void pathsThatLeaveTheWorkspace_orAreNone() {
    for (String path :
        List.of("/etc", "../x", "a/../b", "\"~\"", "~root/x", ".", "a//b", "\"a\\e[2Jb\"")) {
      refused("cache: {paths: " + path + ", key: k}", "is not one below the workspace");
    }
    refused("artifacts: {upload: {name: r, paths: [../x]}}", "is not one below the workspace");
    refused("artifacts: {upload: {name: r, paths: [~/x]}}", "is not one below the workspace");
    refused("artifacts: {download: {name: jars, into: /etc}}", "is not one below the workspace");
    refused("cache: {paths: [a, a/b], key: k}", "lies in \"a\" of the same; remove one");
    refused("cache: {paths: [a, a], key: k}", "lies in \"a\" of the same; remove one");
  }

  @Test
  void whatIsMissingOrUnknown_isNamedWithTheMend() {
    refused("cache: {key: k}", "lacks paths");
    refused("cache: {paths: x}", "lacks key");
    refused("cache: {paths: x, key: {hash: y}}", "unknown key \"hash\"; known are files, matrix");
    refused("cache: {paths: x, key: {files: y, matrix: os}}", "wants one of files and matrix");
    refused("cache: {paths: x, key: {matrix: cpu}}", "which the job's matrix does not have");
    refused("cache: {paths: x, key: k, from: anybody}", "expected one of untrusted");
    refused("caches: some", "expected one of none");
    refused("artifacts: {upload: {paths: x}}", "lacks name");
    refused("artifacts: {upload: {name: r}}", "lacks paths");
    refused("artifacts: {keep: x}", "unknown key \"keep\"; known are upload, download");
    refused("cache: {paths: x, key: \"a\\e[31mb\"}", "control or direction characters");
  }

  @Test
  void downloads_comeFromAJobThatIsNeededAndUploadsThem() {
    refused("artifacts: {download: other}", "which no job uploads that it needs");
    refused("artifacts: {download: {name: jars, from: c}}", "which it does not need");
    refused("artifacts: {download: {name: other, from: a}}", "which job a does not upload");
    refused(
        "artifacts: {upload: [{name: r, paths: x}, {name: r, paths: y}]}",
        "uploads two artifacts named r");
    String both =
        "on: push\njobs:\n  a: {artifacts: {upload: {name: r, paths: x}}, steps: make}\n  b: {artifacts: {upload:"
            + " {name: r, paths: x}}, steps: make}\n  c: {needs: [a, b], artifacts: {download: r},"
            + " steps: make}";
    assertThat(errors(both))
        .singleElement()
        .asString()
        .contains("which several jobs upload that it needs: a, b; say from which");
  }

  @Test
  void aReleaseWithoutCaches_isNotBuiltOnAnyEither() {
    refused("caches: none\n    cache: {paths: x, key: k}", "build on no caches, but b has one");
    String through =
        "on: push\njobs:\n  a: {cache: {paths: x, key: k}, steps: make}\n  b: {needs: a, steps: make}\n  c: {needs:"
            + " b, caches: none, steps: make}";
    assertThat(errors(through))
        .singleElement()
        .asString()
        .contains("job c is to build on no caches, but a has one; remove it there");
    assertThat(errors(through.replace("needs: b, ", ""))).isEmpty();
  }
}

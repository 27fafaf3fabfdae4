package dev.holdfast.model.decision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.model.definition.Audience;
import dev.holdfast.model.definition.EnvironmentPattern;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.JobApproval;
import dev.holdfast.model.definition.JobUser;
import dev.holdfast.model.definition.Name;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.definition.Tier;
import dev.holdfast.model.definition.TimeLimit;
import dev.holdfast.model.definition.Trigger;
import dev.holdfast.model.definition.When;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.trigger.ChangedFiles;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefinitionDiffTest {
  private static final ChangedFiles NO_FILES = new ChangedFiles.Known(List.of());
  private static final Trigger PUSH = new Trigger.Push(List.of("main"), List.of(), List.of());

  private static final Step.Command STEP =
      new Step.Command(
          "test", "make", Map.of(), Optional.empty(), Optional.empty(), Optional.empty());

  private static final Job JOB =
      new Job(
          new Name("build"),
          List.of(),
          List.of(),
          Optional.of("debian:12"),
          Map.of("A", "1"),
          Map.of("os", List.of("x")),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.of(new JobApproval(2, Optional.empty())),
          List.of(new EnvironmentPattern("staging"), new EnvironmentPattern("eu")),
          List.of(STEP));

  /** Each field of a job's or a step's JSON form, altered by itself. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          approval | {"count":1}            | changes what it waits for of job build of workflow ci from "2 approvals" to "1 approval"
          needs   | ["other"]               | changes what it needs of job build
          runs-on | ["gpu"]                 | changes the labels it runs on of job build
          image   | "evil:1"                | changes the image of job build of workflow ci from "debian:12" to "evil:1"
          env     | {"A":"2"}               | changes the environment variables of job build
          matrix  | {"os":["y"]}            | changes the matrix of job build
          directory | "sub"                 | changes the directory of job build
          when    | "always"                | changes the condition of job build
          timeout | "2h"                    | changes the time limit of job build
          tier    | "none"                  | changes the tier of job build of workflow ci from "none" to "NONE"
          user    | "root"                  | changes the user of job build of workflow ci from "none" to "ROOT"
          services | [{"name":"db","image":"db:1","ready":{"type":"port","port":5432}}] | adds the service db from the image "db:1" to job build
          environments | ["staging","eu","production"] | asks for the environment production in job build of workflow ci
          environments | ["staging"]        | no longer asks for the environment eu in job build of workflow ci
          environments | ["eu","staging"]   | changes the order of the environments of job build
          cache   | [{"paths":["x"],"key":[{"type":"text","text":"k"}]}] | changes the caches of job build
          artifacts | {"upload":[{"name":"r","paths":["x"]}]} | changes the artifacts of job build
          caches  | "none"                  | changes whether it builds on caches of job build
          name    | "other"                 | adds the job other of workflow ci
          """)
  void everyFieldOfAJobCounts(String field, String value, String expected) {
    Json.Obj json = (Json.Obj) Records.encode(Job.class, JOB);
    var fields = new LinkedHashMap<>(json.fields());
    fields.put(field, dev.holdfast.model.json.JsonText.parse(value));
    Job altered = Records.decode(Job.class, new Json.Obj(fields));
    assertThat(changes(List.of(ci(JOB)), List.of(ci(altered))))
        .anyMatch(change -> change.startsWith(expected));
  }

  @Test
  void theTableAboveKnowsEveryFieldOfAJob() {
    assertThat(Records.fieldNames(Job.class))
        .containsExactlyInAnyOrder(
            "name",
            "needs",
            "runs-on",
            "image",
            "env",
            "matrix",
            "directory",
            "when",
            "timeout",
            "tier",
            "user",
            "services",
            "approval",
            "environments",
            "cache",
            "artifacts",
            "caches",
            "steps");
  }

  @Test
  void everyFieldOfAStepCounts() {
    for (Step altered :
        List.<Step>of(
            command("make evil", Map.of(), Optional.empty()),
            command("make", Map.of("A", "1"), Optional.empty()),
            command("make", Map.of(), Optional.of("sub")),
            new Step.Command(
                "test",
                "make",
                Map.of(),
                Optional.empty(),
                Optional.of(When.ALWAYS),
                Optional.empty()),
            new Step.Command(
                "test",
                "make",
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(new TimeLimit("1h"))),
            new Step.Code("test", Optional.empty(), Optional.empty()))) {
      assertThat(changes(List.of(ci(JOB)), List.of(ci(with(altered)))))
          .containsExactly("changes the step \"test\" of job build of workflow ci");
    }
  }

  @Test
  void stepsAddedRemovedAndReordered() {
    var other =
        new Step.Command(
            "x", "true", Map.of(), Optional.empty(), Optional.empty(), Optional.empty());
    assertThat(changes(List.of(ci(JOB)), List.of(ci(with(STEP, other)))))
        .containsExactly("adds the step \"x\" to job build of workflow ci");
    assertThat(changes(List.of(ci(with(STEP, other))), List.of(ci(JOB))))
        .containsExactly("removes the step \"x\" from job build of workflow ci");
    assertThat(changes(List.of(ci(with(STEP, other))), List.of(ci(with(other, STEP)))))
        .containsExactly("changes the job build of workflow ci, say the order of its steps");
  }

  @Test
  void workflowsAndTriggers() {
    var nightly =
        new Workflow(new Name("nightly"), List.of(new Trigger.Schedule("0 0 * * *")), List.of(JOB));
    assertThat(changes(List.of(ci(JOB)), List.of(ci(JOB), nightly)))
        .containsExactly("adds the workflow nightly");
    assertThat(changes(List.of(ci(JOB), nightly), List.of(ci(JOB))))
        .containsExactly("removes the workflow nightly");
    var wider =
        new Workflow(
            new Name("ci"),
            List.of(new Trigger.Push(List.of(), List.of(), List.of())),
            List.of(JOB));
    assertThat(changes(List.of(ci(JOB)), List.of(wider)))
        .containsExactly(
            "adds or changes the trigger push of workflow ci",
            "removes or changes the trigger push of workflow ci");
  }

  @Test
  void theOrderOfJobsCountsToo() {
    Job other =
        new Job(
            new Name("other"),
            List.of(),
            List.of(),
            Optional.empty(),
            Map.of(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.<Tier>empty(),
            Optional.<JobUser>empty(),
            List.of(),
            Optional.empty(),
            List.of(),
            List.of(STEP));
    assertThat(changes(List.of(ci(JOB, other)), List.of(ci(other, JOB))))
        .containsExactly("changes the workflow ci");
  }

  @Test
  void whatMeansTheSameIsNoChange() {
    assertThat(changes(List.of(ci(JOB)), List.of(ci(JOB)))).isEmpty();
    assertThat(withFiles("src/A.java", ".holdfast/ci.yaml", ".holdfast/holdfast.lock.json"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    ".holdfast/Ci.java",
    ".holdfast/run.sh",
    ".holdfast/sub/ci.yaml",
    ".HOLDFAST/ci.yaml",
    ".Holdfast/holdfast.lock.json"
  })
  void anyOtherFileOfTheFolderIsAChange(String path) {
    assertThat(withFiles(path)).containsExactly("changes \"" + path + "\"");
  }

  @Test
  void filesThatAreNotKnownAreAChange() {
    var defined = new Defined(List.of(ci(JOB)), Optional.empty());
    assertThat(
            DefinitionDiff.of(
                    Cases.BASE,
                    Cases.HEAD,
                    defined,
                    defined,
                    new ChangedFiles.Unknown("the forge stopped at 300"))
                .changes())
        .hasSize(1)
        .first()
        .asString()
        .contains("not known: the forge stopped at 300");
  }

  @Test
  void otherSourcesAreAChangeThoughTheWorkflowsLookTheSame() {
    var before = new Defined(List.of(ci(JOB)), Optional.of("sha256:1"));
    for (Optional<String> sources : List.of(Optional.of("sha256:2"), Optional.<String>empty())) {
      var after = new Defined(List.of(ci(JOB)), sources);
      assertThat(DefinitionDiff.of(Cases.BASE, Cases.HEAD, before, after, NO_FILES).changes())
          .containsExactly("changes the Java sources of the workflows");
    }
  }

  private static Step.Command command(
      String run, Map<String, String> env, Optional<String> directory) {
    return new Step.Command("test", run, env, directory, Optional.empty(), Optional.empty());
  }

  private static Job with(Step... steps) {
    return new Job(
        JOB.name(),
        JOB.needs(),
        JOB.runsOn(),
        JOB.image(),
        JOB.env(),
        JOB.matrix(),
        JOB.directory(),
        JOB.when(),
        JOB.timeout(),
        JOB.tier(),
        JOB.user(),
        JOB.services(),
        JOB.approval(),
        JOB.environments(),
        List.of(steps));
  }

  private static Workflow ci(Job... jobs) {
    return new Workflow(new Name("ci"), List.of(PUSH), List.of(jobs));
  }

  private static List<String> withFiles(String... paths) {
    var defined = new Defined(List.of(ci(JOB)), Optional.empty());
    return DefinitionDiff.of(
            Cases.BASE, Cases.HEAD, defined, defined, new ChangedFiles.Known(List.of(paths)))
        .changes();
  }

  private static List<String> changes(List<Workflow> before, List<Workflow> after) {
    return DefinitionDiff.of(
            Cases.BASE,
            Cases.HEAD,
            new Defined(before, Optional.empty()),
            new Defined(after, Optional.empty()),
            NO_FILES)
        .changes();
  }

  @Test
  void aStepThatAsksForATokenSaysForWhom() {
    var asking =
        new Step.Command(
            STEP.name(),
            "make",
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Map.of("TOKEN", new Audience("sts.example.org")));
    assertThat(changes(List.of(ci(with(STEP))), List.of(ci(with(asking)))))
        .contains(
            "has the step \"test\" of job build of workflow ci ask for a token for sts.example.org");
    assertThat(changes(List.of(ci(with(asking))), List.of(ci(with(asking))))).isEmpty();
  }
}

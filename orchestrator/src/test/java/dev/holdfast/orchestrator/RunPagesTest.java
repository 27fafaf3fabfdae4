package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.chromium.Page;
import dev.holdfast.model.definition.Workflow;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.run.StepResult;
import dev.holdfast.model.trust.ForgePermission;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The list of runs and the page of one, in a real browser. */
@SuppressWarnings("NullAway.Init") // set before each
class RunPagesTest {
  private static final CommitId FIRST = new CommitId("a1b2c3d4".repeat(5));
  private static final CommitId SECOND = new CommitId("5e6f7a8b".repeat(5));
  private static final CommitId FORKED = new CommitId("9c0d1e2f".repeat(5));

  private static final Workflow BUILD =
      PageScene.workflow(
          "build",
          PageScene.job("compile", List.of(), "check out", "compile everything"),
          PageScene.job("lint", List.of(), "style"),
          PageScene.job(
              "test",
              List.of("compile"),
              Map.of(
                  "java", List.of("21", "25"), "database", List.of("none", "sqlite", "postgres")),
              "unit tests",
              "integration tests"),
          PageScene.job("docs", List.of("compile"), "build the manual"),
          PageScene.job("package", List.of("test", "lint"), "make the archive"),
          PageScene.job("publish", List.of("package", "docs"), "push it out"));

  private static final Workflow NIGHTLY =
      PageScene.workflow("nightly", PageScene.job("fuzz", List.of(), "fuzz for an hour"));

  @TempDir Path data;
  private PageScene scene;
  private Page page;

  @BeforeEach
  void open() throws Exception {
    scene = new PageScene(data, BUILD, NIGHTLY);
    scene.stage.repository("harbour");
    scene.stage.people.permit("42", ForgePermission.ADMIN);
  }

  @AfterEach
  void close() throws Exception {
    if (page != null) {
      page.close();
    }
    scene.close();
  }

  private static PageScene.Doing at(Map<String, PageScene.Doing> begun, String job) {
    return Objects.requireNonNull(begun.get(job), job);
  }

  /** Some history, one that failed, one that runs and one that waits. */
  private Runs history() throws Exception {
    for (int i = 0; i < 3; i++) {
      scene.stage.run("harbour", "nightly");
      scene.pass(1200);
      scene.take().succeed(47_000 + i * 5_000, 1);
      scene.pass(60_000);
    }
    String failed = scene.stage.run("harbour", "build");
    scene.pass(900);
    var begun = scene.takeAll(2);
    scene.pass(700);
    at(begun, "lint").started().step();
    at(begun, "compile").started().step();
    scene.pass(2_300);
    at(begun, "compile").stepOver(new StepResult.Succeeded()).step();
    scene.pass(3_100);
    at(begun, "lint").stepOver(new StepResult.Succeeded()).over(new Outcome.Succeeded());
    scene.pass(11_000);
    at(begun, "compile").stepOver(new StepResult.Succeeded()).over(new Outcome.Succeeded());
    scene.pass(400);
    var tests = scene.takeAll(7);
    String broken =
        tests.keySet().stream()
            .filter(key -> key.contains("postgres") && key.contains("25"))
            .findFirst()
            .orElseThrow();
    for (var each : tests.values()) {
      scene.pass(350);
      each.started().step();
    }
    scene.pass(14_000);
    at(tests, "docs").stepOver(new StepResult.Succeeded()).over(new Outcome.Succeeded());
    at(tests, broken).print("running 214 tests\n");
    for (var each : tests.entrySet()) {
      if (each.getKey().startsWith("test")) {
        scene.pass(1_900);
        each.getValue().stepOver(new StepResult.Succeeded()).step();
      }
    }
    scene.pass(9_000);
    at(tests, broken)
        .print("\u001b[31mERROR\u001b[0m the tide table has no row for today\n")
        .stepOver(new StepResult.Failed(1, "exit code 1"))
        .reached("93.184.216.34", "repo.example.org", 443, true)
        .reached("10.0.0.7", "", 5432, false)
        .over(new Outcome.Failed("integration tests: exit code 1", 1));
    for (var each : tests.entrySet()) {
      if (each.getKey().startsWith("test") && !each.getKey().equals(broken)) {
        scene.pass(2_600);
        each.getValue().stepOver(new StepResult.Succeeded()).over(new Outcome.Succeeded());
      }
    }
    scene.pass(95_000);
    String running = scene.stage.run("harbour", "nightly");
    scene.pass(800);
    scene.take().started().step();
    scene.pass(21_000);
    String held = scene.pullRequest("harbour", FORKED, "passer-by", 2).getLast();
    scene.pass(12_000);
    return new Runs(failed, running, held);
  }

  private record Runs(String failed, String running, String held) {}

  @Test
  void runsAreShownNewestFirstByCommitWithTheirUsualTime() throws Exception {
    Runs runs = history();
    page = scene.signedIn();
    assertThat(page.path()).isEqualTo("/runs");
    assertThat(page.text("#runs .group:first-child .group-head"))
        .contains("harbour", "fix-the-typo", "9c0d1e2f", "passer-by");
    assertThat(page.text("#runs .group:first-child .run-line")).contains("held");
    assertThat(page.text("#runs")).containsSubsequence("held", "running", "failed", "succeeded");
    assertThat(page.count(".run-line a[href='/runs/" + runs.failed() + "']")).isEqualTo(1);
    assertThat(page.text("#runs")).contains("usually");
    assertThat(page.axe()).isEmpty();
    page.screenshots("runs");
    page.eachLook(look -> assertThat(page.fits()).as(look).isTrue());
    assertThat(page.problems()).isEmpty();
  }

  @Test
  void filtersNarrowAndAreInTheAddress() throws Exception {
    Runs runs = history();
    page = scene.signedIn();
    page.open("/runs?state=failed");
    assertThat(page.count(".run-line")).isEqualTo(1);
    assertThat(page.count("a[href='/runs/" + runs.failed() + "']")).isEqualTo(1);
    page.open("/runs?trust=trusted&person=passer-by&workflow=build&branch=fix-the-typo");
    assertThat(page.count("a[href='/runs/" + runs.held() + "']")).isEqualTo(1);
    page.open("/runs?person=nobody-of-that-name");
    assertThat(page.count(".run-line")).isZero();
    assertThat(page.text("#runs")).contains("No run is like that");
    page.screenshots("runs-empty");
    page.open("/runs?repository=another");
    assertThat(page.count(".run-line")).isZero();
    page.open("/runs");
    page.run("window.holdfastOld = true");
    page.run(
        "const s = document.querySelector('#f-state'); s.value = 'held'; s.dispatchEvent(new"
            + " Event('change', {bubbles: true}))");
    page.loaded();
    assertThat(page.path()).contains("state=held");
    assertThat(page.count(".run-line")).isEqualTo(2);
    assertThat(page.count("a[href='/runs/" + runs.held() + "']")).isEqualTo(1);
  }

  @Test
  void whatRunsIsSeenToEndWithoutAReload() throws Exception {
    String run = scene.stage.run("harbour", "nightly");
    page = scene.signedIn();
    page.await("document.body.dataset.listening === 'true'");
    page.run("window.sameDocument = true");
    assertThat(page.text(".run-line")).contains("queued");
    var doing = scene.take();
    page.await("document.querySelector('.run-line .state.is-running')");
    doing.succeed(2000, 1);
    page.await("document.querySelector('.run-line .state.is-succeeded')");
    scene.pass(1000);
    String another = scene.stage.run("harbour", "nightly");
    page.await("document.querySelector(\"a[href='/runs/" + another + "']\")");
    assertThat(page.eval("window.sameDocument")).isEqualTo("true");
    assertThat(page.count("a[href='/runs/" + run + "']")).isEqualTo(1);
    assertThat(page.problems()).isEmpty();
  }

  @Test
  void aRunShowsItsGraphItsCourseWhyItStartedAndWhatItUsed() throws Exception {
    Runs runs = history();
    page = scene.signedIn();
    page.open("/runs/" + runs.failed());
    assertThat(page.count(".graph .node")).isEqualTo(6);
    assertThat(page.text(".graph")).contains("test ×6");
    assertThat(
            page.eval(
                "document.querySelector('.graph .node.is-failed').getAttribute('aria-label')"))
        .isEqualTo("test: 1 failed, 5 succeeded");
    assertThat(page.count(".edges path")).isEqualTo(6);
    assertThat(page.count(".timeline tbody tr")).isEqualTo(9);
    assertThat(page.text("[aria-labelledby=h-why]")).contains("manual");
    assertThat(page.eval("document.querySelector('[aria-labelledby=h-used]').textContent"))
        .contains("10.0.0.7 tcp 5432", "repo.example.org (93.184.216.34) tcp 443", "container")
        .contains("sha256:3f7a");
    assertThat(page.text(".job[open] .steps")).contains("integration tests", "exit code 1");
    assertThat(page.axe()).isEmpty();
    page.screenshots("run-failed");
    page.eachLook(look -> assertThat(page.fits()).as(look).isTrue());

    page.open("/runs/" + runs.held());
    assertThat(page.text(".notice")).contains("Why it waits", "all of its jobs: held for a person");
    assertThat(page.axe()).isEmpty();
    page.screenshots("run-held");
    page.open("/runs/" + runs.running());
    page.screenshots("run-running");
    assertThat(page.problems()).isEmpty();
  }

  @Test
  void aRunIsSeenToMoveWithoutAReload() throws Exception {
    String run = scene.stage.run("harbour", "build");
    page = scene.signedIn();
    page.open("/runs/" + run);
    page.await("document.body.dataset.listening === 'true'");
    page.run("window.sameDocument = true");
    var begun = scene.takeAll(2);
    page.await("document.querySelectorAll('.node.is-running').length === 2");
    at(begun, "compile").succeed(3000, 2);
    page.await("document.querySelector('.node.is-succeeded')");
    at(begun, "lint").started().step().print("x\n");
    page.await("document.querySelector('.steps .is-running')");
    assertThat(page.eval("window.sameDocument")).isEqualTo("true");
    assertThat(page.problems()).isEmpty();
  }

  @Test
  void aRunIsCancelledAndStartedOverByKeyboardAlone() throws Exception {
    String run = scene.stage.run("harbour", "nightly");
    page = scene.browser();
    page.open("/");
    assertThat(page.path()).startsWith("/sign-in");
    page.tabTo("#token", 12);
    page.type(scene.admin.token());
    page.run("window.holdfastOld = true");
    page.press("Enter");
    page.loaded();
    assertThat(page.path()).isEqualTo("/runs");
    page.tabTo(".run-name", 30);
    page.run("window.holdfastOld = true");
    page.press("Enter");
    page.loaded();
    assertThat(page.path()).isEqualTo("/runs/" + run);
    page.press("Tab");
    assertThat(page.eval("document.activeElement.className")).as("first").isEqualTo("skip");
    page.tabTo("#cancel", 20);
    page.run("window.holdfastOld = true");
    page.press("Enter");
    page.loaded();
    page.await("document.querySelector('.run-sub .state.is-cancelled')");
    page.tabTo("#rerun", 20);
    page.run("window.holdfastOld = true");
    page.press("Space");
    page.loaded();
    page.await("document.querySelector('.run-sub .state.is-queued')");
    assertThat(scene.admin.get("/api/v1/runs/" + run).at("reruns")).isEqualTo("1");
    assertThat(page.problems()).isEmpty();
  }

  @Test
  void olderRunsAreOnePageOn() throws Exception {
    for (int i = 0; i < 53; i++) {
      scene.stage.run("harbour", "nightly");
      scene.pass(1000);
    }
    page = scene.signedIn();
    assertThat(page.count(".run-line")).isEqualTo(50);
    page.follow("a[rel=next]");
    assertThat(page.count(".run-line")).isEqualTo(3);
    assertThat(page.count("a[rel=next]")).isZero();
  }

  @Test
  void withoutScriptsEverythingCanBeRead() throws Exception {
    Runs runs = history();
    page = scene.signedIn();
    page.withoutScripts();
    page.open("/runs?state=failed");
    page.follow(".run-name");
    assertThat(page.path()).isEqualTo("/runs/" + runs.failed());
    page.follow(".job[open] .attempt-head a.button");
    assertThat(page.text(".log")).contains("the tide table has no row for today");
  }

  @Test
  void secondCommitIsAGroupOfItsOwn() throws Exception {
    scene.push("harbour", "main", FIRST, PageScene.ANNA, 2);
    scene.pass(1000);
    scene.push("harbour", "main", SECOND, PageScene.ANNA, 2);
    page = scene.signedIn();
    assertThat(page.count("#runs .group")).isEqualTo(2);
    assertThat(page.text("#runs .group:first-child .commit"))
        .isEqualTo(SECOND.value().substring(0, 10));
    assertThat(page.count("#runs .group:first-child .run-line")).isEqualTo(2);
  }
}

package dev.holdfast.orchestrator;

import static dev.holdfast.orchestrator.EnvironmentStage.in;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.chromium.Browser;
import dev.holdfast.chromium.Page;
import dev.holdfast.model.definition.EnvironmentName;
import dev.holdfast.model.definition.Job;
import dev.holdfast.model.definition.JobApproval;
import dev.holdfast.model.definition.Step;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.wire.agent.AgentApi;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A part of a run waits, a step or a job's environment, and somebody decides in a browser: for
 * exactly what the page showed.
 */
@SuppressWarnings("NullAway.Init") // set before each
class PartHoldPageTest {
  private static final CommitId A = new CommitId("a1b2c3d4e5".repeat(4));
  private static final CommitId B = new CommitId("b9f8e7d6c5".repeat(4));

  @TempDir Path data;
  private EnvironmentStage on;
  private Caller ann;

  @BeforeEach
  void start() throws Exception {
    on =
        new EnvironmentStage(
            data, new ManualClock(), Stage.job("test"), in(rollOut(), "production"));
    ann = on.user("ann", "approver");
  }

  @AfterEach
  void stop() throws Exception {
    on.close();
  }

  /** A step that waits for nobody, and one that does. */
  private static Job rollOut() {
    Job plain = Stage.job("deploy", "test");
    var steps = new ArrayList<Step>(plain.steps());
    steps.add(
        new Step.Command(
            "push it",
            "./push-it --all",
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.of(new JobApproval(1, Optional.of("reaches customers")))));
    return new Job(
        plain.name(),
        plain.needs(),
        plain.runsOn(),
        plain.image(),
        plain.env(),
        plain.matrix(),
        plain.directory(),
        plain.when(),
        plain.timeout(),
        steps);
  }

  private Page page() throws Exception {
    return Browser.shared().page("http://127.0.0.1:" + on.stage.port()).signIn(ann.token());
  }

  private String state(String hold) throws Exception {
    return on.stage.admin().get("/api/v1/holds/" + hold).at("state");
  }

  private static void reject(Page page, String why) {
    page.click("#reject-part > summary");
    page.fill("#reason", why);
    page.follow("#reject");
  }

  // ---- a step

  /** The job is with an agent, and has come to its step that waits. */
  private AgentApi.Lease atItsStep() throws Exception {
    on.set("production", "{}");
    on.run();
    on.complete(on.lease("test"));
    AgentApi.Lease lease = on.lease("deploy");
    assertThat(ask(lease)).isEqualTo(new AgentApi.StepAnswer.Waits());
    return lease;
  }

  private AgentApi.StepAnswer ask(AgentApi.Lease lease) throws Exception {
    return on.agent.good(on.agent.step(lease, 1), AgentApi.StepAnswer.class);
  }

  private String holdOfStep() {
    return on.holds(1).get("deploy").at("id");
  }

  @Test
  void aStepIsReleasedByKeyboardAloneAndNoOtherOneWithIt() throws Exception {
    AgentApi.Lease lease = atItsStep();
    String hold = holdOfStep();
    try (Page page = page()) {
      page.open("/holds");
      assertThat(page.text("#holds")).contains("step 2 of deploy");
      page.tabTo("#holds .run-name", 30);
      page.run("window.holdfastOld = true");
      page.press("Enter");
      page.loaded();
      assertThat(page.path()).isEqualTo("/holds/" + hold);
      assertThat(page.text(".run-sub")).contains("step 2 of job deploy");
      assertThat(page.text("[aria-labelledby=h-why]")).contains("push it", "reaches customers");
      assertThat(page.axe()).isEmpty();
      page.screenshots("hold-step");
      page.eachLook(look -> assertThat(page.fits()).as(look).isTrue());
      page.tabTo("#approve", 60);
      page.run("window.holdfastOld = true");
      page.press("Enter");
      page.loaded();
      assertThat(page.text("#standing")).contains("released");
      assertThat(page.problems()).isEmpty();
    }
    assertThat(ask(lease)).isInstanceOf(AgentApi.StepAnswer.MayStart.class);
    var cleared = ((AgentApi.StepAnswer.MayStart) ask(lease)).clearance().clearance();
    assertThat(cleared.step()).isEqualTo(1);
    assertThat(cleared.run()).isEqualTo(lease.run());
    assertThat(cleared.by()).containsExactly(ann.get("/api/v1/whoami").at("user.id"));
    assertThat(on.stage.admin().get("/api/v1/audit?what=hold.approve").text())
        .contains("on the web page");
  }

  @Test
  void aStepThatIsRejectedNeverStartsAndItsAgentIsToldWhy() throws Exception {
    AgentApi.Lease lease = atItsStep();
    try (Page page = page()) {
      page.open("/holds/" + holdOfStep());
      reject(page, "not <b>today</b>");
      assertThat(page.text("#standing")).contains("rejected");
      assertThat(page.text("#news")).contains("not <b>today</b>");
      assertThat(page.axe()).isEmpty();
      page.screenshots("hold-step-rejected");
    }
    assertThat(ask(lease))
        .isEqualTo(new AgentApi.StepAnswer.Ends("its approval was refused: not <b>today</b>"));
  }

  /** {@code aStepIsReleased…} is the control. */
  @Test
  void aClickOnAPageOfAStepWhoseRunWasCancelledReleasesNothing() throws Exception {
    AgentApi.Lease lease = atItsStep();
    String hold = holdOfStep();
    try (Page page = page()) {
      page.withoutScripts(); // the page does not even hear of it
      page.open("/holds/" + hold);
      assertThat(on.stage.admin().post("/api/v1/runs/" + lease.run() + "/cancel", "{}").status())
          .isEqualTo(200);
      page.follow("#approve");
      assertThat(page.text("#problem")).contains("Nothing was decided", "withdrawn");
      assertThat(state(hold)).isEqualTo("withdrawn");
    }
    assertThat(ask(lease)).isNotInstanceOf(AgentApi.StepAnswer.MayStart.class);
  }

  @Test
  void aClickOnAPageOfTheOldPolicyReleasesNothingUnderTheNewOne() throws Exception {
    AgentApi.Lease lease = atItsStep();
    String old = holdOfStep();
    try (Page page = page()) {
      page.withoutScripts();
      page.open("/holds/" + old);
      assertThat(
              on.put(
                      "/api/v1/policy",
                      """
                      {"hold-known": false, "floor": "container", "hold-for": "2h",
                       "approval": {"count": 2, "own": false}}\
                      """)
                  .status())
          .isEqualTo(200);
      assertThat(ask(lease)).isEqualTo(new AgentApi.StepAnswer.Waits());
      String now = holdOfStep();
      assertThat(now).isNotEqualTo(old);
      page.follow("#approve");
      assertThat(page.text("#problem")).contains("Nothing was decided");
      assertThat(on.stage.admin().get("/api/v1/holds/" + now).text()).doesNotContain("\"ann\"");
      // The control: on the page of the one that waits the same click is one of the two.
      page.open("/holds/" + now);
      page.follow("#approve");
      assertThat(page.text("[aria-labelledby=h-decide]")).contains("1 of 2", "ann");
    }
    assertThat(ask(lease)).isEqualTo(new AgentApi.StepAnswer.Waits());
  }

  // ---- an environment

  /** A stranger's pull request whose job {@code deploy} wants production. */
  private String strangers(CommitId head) throws Exception {
    String repository = on.stage.atForge("lib", EnvironmentStage.HOST, 7, ScriptedForge.COMMIT);
    on.set("lib", "production", "{}");
    on.strangers(repository, "topic", head);
    return repository;
  }

  private static void approve(Page page, Caller.Answer hold) {
    page.open("/holds/" + hold.at("id"));
    page.follow("#approve");
    assertThat(page.text("#standing")).contains("released");
  }

  @Test
  void anEnvironmentIsGrantedByItsOwnPageAndByNoOther() throws Exception {
    strangers(A);
    var holds = on.holds(2);
    try (Page page = page()) {
      approve(page, holds.get(""));
      on.complete(on.lease("test"));
      assertThat(on.leased()).as("who lets the run go has granted nothing").isEmpty();

      page.open("/holds/" + holds.get("deploy").at("id"));
      assertThat(page.text(".run-sub")).contains("job deploy");
      assertThat(page.text("[aria-labelledby=h-gets]"))
          .contains("production", "granted for this commit by whoever approves");
      assertThat(page.text("[aria-labelledby=h-decide]")).contains(A.value(), "Approve a1b2c3d");
      assertThat(page.text("[aria-labelledby=h-beside]")).contains("released");
      assertThat(page.axe()).isEmpty();
      page.screenshots("hold-environment");
      page.eachLook(look -> assertThat(page.fits()).as(look).isTrue());
      approve(page, holds.get("deploy"));
      assertThat(page.problems()).isEmpty();
    }
    AgentApi.Lease lease = on.lease("deploy");
    assertThat(lease.source().commit()).isEqualTo(A);
    assertThat(lease.cleared().orElseThrow().clearance().clearance().environments())
        .containsExactly(new EnvironmentName("production"));
    assertThat(on.stage.admin().get("/api/v1/audit?limit=100").text())
        .contains("grants the environment production");
  }

  /** {@code anEnvironmentIsGranted…} is the control. */
  @Test
  void aPushWhileThePageIsOpenHasTheClickGrantNothing() throws Exception {
    String repository = strangers(A);
    String first = on.holds(2).get("deploy").at("id");
    try (Page page = page()) {
      page.withoutScripts();
      page.open("/holds/" + first);
      on.strangers(repository, "topic", B);
      await().until(() -> state(first), "withdrawn"::equals);
      page.follow("#approve");
      assertThat(page.text("#problem")).contains("Nothing was decided", "b9f8e7d");
      var second = on.holds(2);
      assertThat(second.get("deploy").at("head")).isEqualTo(B.value());
      assertThat(second.get("deploy").at("state")).isEqualTo("held");
      approve(page, second.get(""));
    }
    on.complete(on.lease("test"));
    assertThat(on.leased()).as("production is granted to nobody").isEmpty();
  }

  @Test
  void anEnvironmentThatIsRefusedIsNotEnteredThoughTheRunGoes() throws Exception {
    strangers(A);
    var holds = on.holds(2);
    String run = holds.get("").at("run");
    try (Page page = page()) {
      page.open("/holds/" + holds.get("deploy").at("id"));
      reject(page, "not from strangers");
      assertThat(page.text("#standing")).contains("rejected");
      approve(page, holds.get(""));
    }
    on.complete(on.lease("test"));
    assertThat(on.leased()).isEmpty();
    assertThat(on.job(run, "deploy")).contains("not from strangers");
  }

  @Test
  void whoIsNoneOfItsApproversSeesThatTheirsDoesNotCount() throws Exception {
    on.stage.admin().post("/api/v1/teams", "{\"name\": \"ops\"}");
    on.set("production", "{\"approval\": {\"count\": 1, \"own\": false, \"teams\": [\"ops\"]}}");
    on.run();
    String hold = on.holds(1).get("deploy").at("id");
    try (Page page = page()) {
      page.open("/holds/" + hold);
      assertThat(page.count("#approve")).isZero();
      assertThat(page.text("#why-not"))
          .contains("The environment production is for others to grant");
      // The control: once she is one of them, the same page lets her.
      on.stage.admin().call("PUT", "/api/v1/teams/ops/members/ann", new byte[0]);
      page.open("/holds/" + hold);
      page.follow("#approve");
      assertThat(page.text("#standing")).contains("released");
    }
    assertThat(state(hold)).isEqualTo("released");
  }
}

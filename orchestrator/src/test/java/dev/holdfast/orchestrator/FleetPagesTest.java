package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.chromium.Page;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.ProbeReport;
import dev.holdfast.orchestrator.db.Database;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents, what jobs talk to, and the figures of the last days. */
@SuppressWarnings("NullAway.Init") // set before each
class FleetPagesTest {
  @TempDir Path data;
  private HoldScene scene;

  @BeforeEach
  void open() throws Exception {
    scene =
        new HoldScene(
            data,
            PageScene.workflow(
                "build",
                PageScene.job("compile", List.of(), "compile"),
                PageScene.job("test", List.of(), "unit tests")));
    scene.stage.repository("quay");
  }

  @AfterEach
  void close() throws Exception {
    scene.close();
  }

  @Test
  void agentsAreShownByPoolWithWhatRunsWhereAndWhatWaits() throws Exception {
    scene.stage.agent("builder-3").register("builder-3", 2, "linux");
    scene.clock.pass(Duration.ofHours(1));
    scene.beat();
    scene
        .stage
        .agent("builder-2")
        .register(AgentApi.Backend.NAMESPACES, "builder-2", 4, "linux", "gpu");
    probed("builder-1", "test", true, AgentApi.Backend.CONTAINER, 0);
    probed("builder-2", "0.0.1", false, AgentApi.Backend.NAMESPACES, 2);
    scene.stage.run("quay", "build");
    scene.take().started();
    scene.take();
    scene.stage.run("quay", "build");
    try (Page page = scene.signedIn()) {
      page.open("/agents");
      assertThat(page.text(".page-head")).contains("2 of 3 are here", "2 of 54 places taken");
      assertThat(page.count(".pool")).isEqualTo(2);
      assertThat(page.text("#agents"))
          .contains("builder-1", "builder-2", "builder-3", "container", "namespaces", "gpu")
          .contains(
              "2 of 50 places", "Version", "test", "none was ever reported", "not heard of since");
      assertThat(page.text(".pool"))
          .contains("131 held, 0 broken, 3 not run", "2 d ago", "by test on container");
      assertThat(page.text("#agents"))
          .contains("131 held, 2 broken", "by 0.0.1 on namespaces")
          .contains("of some attacks only", "by another version than the agent's");
      assertThat(page.count(".probe.is-bad")).isOne();
      assertThat(page.count(".holding li")).isEqualTo(2);
      assertThat(page.text(".holding")).contains("quay", "build #1", "compile");
      assertThat(page.text("[aria-labelledby=h-waiting]"))
          .contains("2", "have not asked for it yet");
      assertThat(page.axe()).isEmpty();
      page.screenshots("agents");
      page.eachLook(look -> assertThat(page.fits()).as(look).isTrue());
      assertThat(page.problems()).isEmpty();
    }
  }

  private void probed(
      String name, String release, boolean whole, AgentApi.Backend backend, int broken)
      throws Exception {
    var agent = scene.stage.agent(name);
    var found =
        Pattern.compile("\"id\":\"(agt_[0-9a-z]+)\",\"name\":\"" + name + "\"")
            .matcher(scene.admin.get("/api/v1/agents").text());
    assertThat(found.find()).isTrue();
    var report =
        new ProbeReport(
            scene.clock.instant().minus(Duration.ofDays(2)),
            release,
            whole,
            List.of(new ProbeReport.OnBackend(backend, 131, broken, 0, 3, 0)));
    PageScene.expect(
        agent.call(
            "POST",
            "/agent/v1/probe",
            Records.utf8(AgentApi.Probed.class, new AgentApi.Probed(found.group(1), report))),
        200);
  }

  @Test
  void aProbeOfAnotherBackendIsSaidToBeOne() throws Exception {
    probed("builder-1", "test", true, AgentApi.Backend.NAMESPACES, 0);
    String cookie = scene.session(scene.admin.token());
    assertThat(scene.get("/agents", cookie).body())
        .contains("of another backend: namespaces")
        .doesNotContain("131 held");
  }

  private void sql(String statement) throws Exception {
    try (var connection =
            DriverManager.getConnection(
                "jdbc:sqlite:" + data.resolve(Database.FILE) + "?busy_timeout=10000");
        var prepared = connection.prepareStatement(statement)) {
      assertThat(prepared.executeUpdate()).isPositive();
    }
  }

  @Test
  void whereNobodyEverCameThePageSaysWhatToDo() throws Exception {
    sql("DELETE FROM agent");
    scene.stage.restart();
    try (Page page = scene.signedIn()) {
      page.open("/agents");
      assertThat(page.text("#agents")).contains("No agent ever came", "holdfast agent");
      assertThat(page.axe()).isEmpty();
      page.screenshots("agents-none");
    }
  }

  @Test
  void whatJobsTalkToIsShownOverTimeAndAListIsProposed() throws Exception {
    scene.stage.run("quay", "build");
    for (int i = 0; i < 2; i++) {
      var doing = scene.take();
      doing
          .started()
          .reached("93.184.216.34", "repo.example.org", 443, true)
          .reached("93.184.216.35", "Repo.Example.org", 80, true)
          .reached("198.51.100.7", "", 22, true)
          .reached("10.0.0.7", "", 5432, false)
          .reached("169.254.169.254", "metadata.internal", 80, false);
      doing.over(new Outcome.Succeeded());
    }
    try (Page page = scene.signedIn()) {
      page.open("/egress");
      assertThat(page.text("main")).contains("harbour", "2 destinations", "3 destinations");
      assertThat(page.axe()).isEmpty();
      page.screenshots("egress-all");
      page.follow("a[href='/repositories/quay/egress']");
      assertThat(page.text("[aria-labelledby=h-refused]"))
          .contains("10.0.0.7", "5432/tcp", "metadata.internal")
          .doesNotContain("repo.example.org");
      assertThat(page.text("[aria-labelledby=h-allowed]"))
          .contains("repo.example.org", "443/tcp", "198.51.100.7", "new")
          .doesNotContain("10.0.0.7");
      assertThat(page.count(".days li")).isEqualTo(14);
      assertThat(page.eval("document.querySelector('#proposal').textContent"))
          .isEqualTo(
              """
              - repository: quay
                default: listed
                rules:
                  - "open 198.51.100.7 22/tcp"  # 24 packets
                  - "open repo.example.org 80,443/tcp"  # 48 packets
              """);
      assertThat(page.axe()).isEmpty();
      page.screenshots("egress");
      page.eachLook(look -> assertThat(page.fits()).as(look).isTrue());
      page.open("/repositories/harbour/egress");
      assertThat(page.text("main")).contains("Nothing was refused", "reached nothing");
      assertThat(page.axe()).isEmpty();
      assertThat(page.problems()).isEmpty();
    }
  }

  @Test
  void theOverviewHasTheFiguresOfWhatOneMaySee() throws Exception {
    scene.stage.repository("dock");
    for (int i = 0; i < 3; i++) {
      finish(scene.stage.run("dock", "build"), i == 1);
    }
    finish(scene.stage.run("quay", "build"), false);
    scene.held();
    try (Page page = scene.signedIn()) {
      page.open("/overview");
      assertThat(page.text(".page-head")).contains("1 wait for a person");
      assertThat(page.text(".figures")).contains("25 %", "1 of 4", "19 of 20 within");
      assertThat(page.text("[aria-labelledby=h-flaky]"))
          .as("one commit, one definition, both outcomes")
          .contains("build / test", "dock", "1 of 3")
          .doesNotContain("compile");
      assertThat(page.text("[aria-labelledby=h-busy]")).contains("builder-1", "8 attempts");
      assertThat(page.count(".days li")).isEqualTo(7);
      assertThat(page.text(".days li:last-child")).contains("4");
      assertThat(page.text("[aria-labelledby=h-repositories]")).contains("dock", "33 %", "quay");
      assertThat(page.axe()).isEmpty();
      page.screenshots("overview");
      page.eachLook(look -> assertThat(page.fits()).as(look).isTrue());
      assertThat(page.problems()).isEmpty();
    }
    // Who sees one repository is told of that one.
    PageScene.expect(scene.admin.post("/api/v1/users", "{\"name\": \"eve\"}"), 201);
    PageScene.expect(
        scene.admin.post(
            "/api/v1/grants", "{\"to\": \"eve\", \"what\": \"viewer\", \"repository\": \"quay\"}"),
        201);
    try (Page page = scene.browser().signIn(scene.token("eve"))) {
      page.open("/overview");
      assertThat(page.text("main"))
          .contains("quay", "0 of 1", "not yours to see")
          .doesNotContain("dock")
          .doesNotContain("harbour")
          .doesNotContain("builder-1");
      assertThat(page.text(".links")).doesNotContain("Agents");
      page.open("/egress");
      assertThat(page.text("main")).contains("quay").doesNotContain("harbour");
    }
  }

  /** Ends both jobs of a run; {@code test} fails where {@code fails}. */
  private void finish(String run, boolean fails) throws Exception {
    var both = List.of(scene.take(), scene.take());
    scene.clock.pass(Duration.ofSeconds(1));
    for (HoldScene.Doing doing : both) {
      doing.started();
    }
    scene.clock.pass(Duration.ofSeconds(2));
    for (HoldScene.Doing doing : both) {
      boolean test = doing.lease.job().key().equals("test");
      doing.over(
          fails && test
              ? new Outcome.Failed("unit tests: exit code 1", 1)
              : new Outcome.Succeeded());
    }
    assertThat(scene.admin.get("/api/v1/runs/" + run + "/wait?timeout=20").at("state"))
        .isEqualTo(fails ? "failed" : "succeeded");
  }
}

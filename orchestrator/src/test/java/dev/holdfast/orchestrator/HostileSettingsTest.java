package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.chromium.Page;
import dev.holdfast.model.environment.EnvironmentRules;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.json.Json;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.model.json.Records;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.wire.agent.AgentApi;
import dev.holdfast.model.wire.agent.ProbeReport;
import dev.holdfast.orchestrator.db.Database;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What others wrote, on pages of settings: names, reasons, rules, actors. It is text there, runs
 * nothing and moves nothing; also what is in the database and no rule of ours would have let in.
 */
@SuppressWarnings("NullAway.Init") // set before each
class HostileSettingsTest {
  private static final String SCRIPT =
      "<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script></textarea></main>";
  private static final String OVERRIDE = "safe\u202egpj.exe\u2066\u200b";
  private static final String WORD = "W".repeat(1024 * 1024);

  @TempDir Path data;
  private HoldScene scene;

  @BeforeEach
  void open() throws Exception {
    scene =
        new HoldScene(
            data,
            PageScene.workflow(
                "deploy",
                EnvironmentStage.in(PageScene.job("publish", List.of(), SCRIPT), "production")));
  }

  @AfterEach
  void close() throws Exception {
    scene.close();
  }

  private void sql(String statement, Object... values) throws Exception {
    try (var connection =
            DriverManager.getConnection(
                "jdbc:sqlite:" + data.resolve(Database.FILE) + "?busy_timeout=10000");
        var prepared = connection.prepareStatement(statement)) {
      for (int i = 0; i < values.length; i++) {
        prepared.setObject(i + 1, values[i]);
      }
      assertThat(prepared.executeUpdate()).isPositive();
    }
  }

  private void put(String path, Json body) throws Exception {
    PageScene.expect(
        scene.admin.call("PUT", path, JsonText.compact(body).getBytes(StandardCharsets.UTF_8)),
        200);
  }

  private static Json text(String field, String text) {
    return Json.Obj.of(Map.of(field, new Json.Str(text)));
  }

  /** Rules, a lock, a deployment, an entry and an account that say what they should not. */
  private void hostile() throws Exception {
    String environment = "/api/v1/environment?repository=harbour&name=production";
    put(
        environment,
        Records.encode(
            EnvironmentRules.class,
            new EnvironmentRules(
                Map.of("NOTE", SCRIPT + OVERRIDE + "\u001b[2J" + "W".repeat(20_000)),
                List.of("**", SCRIPT + OVERRIDE),
                List.of("W".repeat(400)),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())));
    var writer = new Contributor(HoldScene.FORGE.name(), "42", SCRIPT + OVERRIDE + WORD);
    scene.stage.run("harbour", "deploy");
    scene.take().started().over(new Outcome.Succeeded());
    sql(
        "UPDATE event SET body = json_set(body, '$.contributor', json(?))",
        Records.write(Contributor.class, writer));
    put(environment.replace("environment?", "environment/lock?"), text("why", SCRIPT + OVERRIDE));
    String hold = scene.held();
    PageScene.expect(
        scene.admin.post(
            "/api/v1/holds/" + hold + "/reject",
            JsonText.compact(text("reason", SCRIPT + OVERRIDE))),
        200);
    sql(
        "INSERT INTO identity (id, forge, account, name, person_id, linked_at, how) SELECT 'idn_1',"
            + " ?, ?, ?, id, 0, 'oauth' FROM person WHERE name = 'admin'",
        SCRIPT + OVERRIDE,
        SCRIPT + "1",
        SCRIPT + OVERRIDE + WORD);
    sql(
        "INSERT INTO audit (number, at, actor, action, subject, origin, outcome, reasons, hash)"
            + " SELECT max(number) + 1, max(at), ?, ?, ?, ?, 'done', ?, '00' FROM audit",
        SCRIPT + OVERRIDE,
        SCRIPT,
        SCRIPT + WORD,
        SCRIPT + OVERRIDE,
        SCRIPT + OVERRIDE + "\u001b]0;title\u0007" + WORD);
    sql("UPDATE token SET name = ? WHERE kind = 'AGENT'", SCRIPT + OVERRIDE + "N".repeat(3000));
    scene.stage.restart();
  }

  @Test
  void whatOthersWroteIsTextOnPagesOfSettingsAndMovesNothing() throws Exception {
    hostile();
    String script = "%3Cimg%20src%3Dx%20onerror%3D%22window.hit%3D1%22%3E";
    try (Page page = scene.signedIn()) {
      for (String path :
          List.of(
              "/settings/environments?repository=harbour",
              "/settings/environment?repository=harbour&name=production",
              "/settings/users/admin",
              "/settings/account",
              "/settings/tokens?all=true&user=" + script,
              "/settings/agents",
              "/settings/audit",
              "/settings/audit?who=" + script + "&on=" + script)) {
        looked(page, path);
      }
      page.open("/settings/environment?repository=harbour&name=production");
      assertThat(page.text("main")).contains("<img src=x", "safe‹U+202E›gpj.exe", "␛[2J");
      assertThat(page.text("#history")).contains("<img src=x").hasSizeLessThan(1000);
      assertThat(page.eval("document.querySelector('#f-rules').value"))
          .as("what is edited is what is kept")
          .contains("</textarea></main>");
      page.screenshots("hostile-environment");
      page.open("/settings/users/admin");
      assertThat(page.text("[aria-labelledby=h-accounts]"))
          .contains("<img src=x", "number <img src=x")
          .hasSizeLessThan(1000);
      page.open("/settings/audit");
      assertThat(page.text(".entries"))
          .contains("<img src=x", "safe‹U+202E›gpj.exe", "␛]0;title")
          .hasSizeLessThan(60_000);
      page.screenshots("hostile-audit");
      assertThat(page.problems()).isEmpty();

      // What is refused is shown as it was sent: it is the sender's own, and text as well.
      page.open("/settings/policy?repository=harbour");
      page.fill("#f-count", SCRIPT + OVERRIDE);
      refused(page, "#set");
      page.open("/settings/secrets?repository=harbour");
      page.run("document.querySelector('#f-name').removeAttribute('maxlength')");
      page.fill("#f-name", SCRIPT + OVERRIDE + "N".repeat(5000));
      page.fill("#f-value", "some value or other");
      refused(page, "#set");
      page.open("/settings/environments?repository=harbour");
      page.fill("#f-name", "staging");
      page.fill("#f-rules", JsonText.compact(text(SCRIPT + OVERRIDE, SCRIPT)));
      refused(page, "#set");
      page.open("/settings/users");
      page.run("document.querySelector('#f-name').removeAttribute('maxlength')");
      page.fill("#f-name", SCRIPT + OVERRIDE + "N".repeat(5000));
      refused(page, "#add");
    }
    // It listens elsewhere since it was started again.
    assertThat(scene.stage.admin().get("/metrics").text())
        .contains("holdfast_csp_reports_total 0.0");
  }

  @Test
  void whatAnAgentSaysOfItsProbeIsText() throws Exception {
    var agent = scene.stage.agent("builder-2");
    String id = agent.register("builder-2", 1).agent();
    var said =
        new ProbeReport(
            scene.clock.instant(),
            SCRIPT + OVERRIDE,
            false,
            List.of(new ProbeReport.OnBackend(AgentApi.Backend.CONTAINER, 100_000, 1, 1, 1, 1)));
    PageScene.expect(
        agent.call(
            "POST",
            "/agent/v1/probe",
            Records.utf8(AgentApi.Probed.class, new AgentApi.Probed(id, said))),
        200);
    try (Page page = scene.signedIn()) {
      looked(page, "/agents");
      assertThat(page.text("#agents")).contains("by <img src=x", "100000 held, 1 broken");
      assertThat(page.problems()).isEmpty();
    }
  }

  private static void looked(Page page, String path) {
    page.open(path);
    page.await("document.readyState === 'complete'");
    assertText(page, path);
    page.eachLook(look -> assertThat(page.fits()).as(path + " " + look).isTrue());
  }

  private static void refused(Page page, String button) {
    page.follow(button);
    assertThat(page.count(".wrong, #problem")).as(page.path()).isPositive();
    assertText(page, page.path());
    page.eachLook(look -> assertThat(page.fits()).as(page.path() + " " + look).isTrue());
    assertThat(page.problems()).allMatch(line -> line.contains("400"));
    page.forgive(); // that it was refused
  }

  private static void assertText(Page page, String path) {
    assertThat(page.eval("String(window.hit)")).as(path).isEqualTo("undefined");
    assertThat(page.count("main img, main script, body > img")).as(path).isZero();
    // What stands in a field is the sender's to edit, and not looked at here.
    assertThat(
            page.eval(
                "[...document.querySelectorAll('textarea')].forEach(e => e.remove()),"
                    + " document.documentElement.textContent"))
        .as("an override is seen, and does nothing: " + path)
        .doesNotContain("\u202e")
        .doesNotContain("\u2066")
        .doesNotContain("\u200b")
        .doesNotContain("\u001b");
  }

  /** The control: what would run if it stood in such a page is refused, and that is heard of. */
  @Test
  void whatWouldRunIsRefusedThereTooAndReported() throws Exception {
    try (Page page = scene.signedIn()) {
      page.open("/settings/audit");
      page.run(
          "const d = document.createElement('div'); d.innerHTML = '<img src=x"
              + " onerror=\"window.hit=1\">'; document.body.append(d)");
      Awaitility.await()
          .until(
              () -> !scene.admin.get("/metrics").text().contains("holdfast_csp_reports_total 0.0"));
      assertThat(page.eval("String(window.hit)")).isEqualTo("undefined");
      assertThat(page.problems()).isNotEmpty();
    }
  }
}

package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.chromium.Page;
import dev.holdfast.model.run.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Environments, as people see, set, lock and remove them with a browser. */
@SuppressWarnings("NullAway.Init") // set before each
class EnvironmentPagesTest {
  private static final String ALL = "/settings/environments?repository=harbour";
  private static final String ONE = "/settings/environment?repository=harbour&name=production";
  private static final String API = "/api/v1/environment?repository=harbour&name=production";
  private static final String RULES =
      """
      {
        "variables": {"URL": "https://example.org"},
        "branches": ["main", "release/**"],
        "triggers": ["push", "manual"],
        "trust": "trusted",
        "approval": {"count": 2, "own": false, "teams": ["ops"]},
        "timer": "10m",
        "concurrency": "newest"
      }
      """;

  @TempDir Path data;
  private HoldScene scene;

  @BeforeEach
  void open() throws Exception {
    scene =
        new HoldScene(
            data,
            PageScene.workflow(
                "deploy",
                EnvironmentStage.in(PageScene.job("publish", List.of(), "publish"), "production")));
  }

  @AfterEach
  void close() throws Exception {
    scene.close();
  }

  private String audit() throws Exception {
    return scene.admin.get("/api/v1/audit?what=environment").text();
  }

  private void set(String query, String rules) throws Exception {
    PageScene.expect(
        scene.admin.call(
            "PUT", "/api/v1/environment" + query, rules.getBytes(StandardCharsets.UTF_8)),
        200);
  }

  @Test
  void oneIsSetByKeyboardAloneThenLockedAndRemovedAndWhatIsWrongIsSaidAtItsField()
      throws Exception {
    PageScene.expect(scene.admin.post("/api/v1/teams", "{\"name\": \"ops\"}"), 201);
    try (Page page = scene.signedIn()) {
      page.open("/settings/repositories/harbour");
      page.follow("a[href='" + ALL + "']");
      assertThat(page.text("main")).contains("There is no environment yet");
      page.tabTo("#f-name", 60);
      page.type("production");
      page.tabTo("#f-rules", 3);
      page.type("{\"timer\": \"soon\", \"colour\": \"red\", \"branches\": [\"\"]}");
      enter(page, "#set");
      assertThat(page.text("#wrong-rules")).contains("soon", "colour", "branches: ");
      assertThat(page.text("main")).contains("There is no environment yet");
      assertThat(page.eval("document.querySelector('#f-name').value")).isEqualTo("production");
      assertThat(page.eval("document.querySelector('#f-rules').value")).contains("\"colour\"");
      page.forgive(); // that it was refused
      Looks.all(page, "settings-environments-refused");
      assertThat(audit()).doesNotContain("environment.set");

      page.tabTo("#f-rules", 60);
      page.run("document.activeElement.select()");
      page.type(RULES);
      enter(page, "#set");
      assertThat(page.path()).isEqualTo(ONE);
      assertThat(page.text("[aria-labelledby=h-rules-0]"))
          .contains(
              "branches main, release/**",
              "push, manual",
              "of who is trusted, and nobody else's",
              "2 people of team ops; nobody who had a hand in the change",
              "10m first",
              "one; what waits makes way for what is newer",
              "URL",
              "https://example.org");
      var kept = scene.admin.get(API);
      assertThat(kept.at("environments.0.rules.approval.count")).isEqualTo("2");
      assertThat(audit()).contains("environment.set");
      Looks.all(page, "settings-environment-set");

      // What its own page refuses is said there, with the text kept.
      page.fill("#f-rules", "{\"timer\": \"soon\"}");
      page.follow("#set");
      assertThat(page.text("#wrong-rules")).contains("timer", "soon");
      assertThat(page.eval("document.querySelector('#f-rules').value")).contains("soon");
      assertThat(scene.admin.get(API).at("environments.0.rules.timer")).isEqualTo("10m");
      page.forgive();

      page.fill("#f-why", "the database moves");
      page.follow("#lock");
      assertThat(page.text(".notice.is-held"))
          .contains("Nothing new starts here", "admin", "the database moves");
      assertThat(scene.admin.get(API).at("environments.0.lock.why"))
          .isEqualTo("the database moves");
      page.open(ALL);
      assertThat(page.text(".things")).contains("production", "locked", "asks 2 people");
      Looks.all(page, "settings-environments");
      page.open(ONE);
      page.follow("#unlock");
      assertThat(page.count(".notice.is-held")).isZero();
      assertThat(scene.admin.get(API).at("environments.0.lock")).isEqualTo("null");

      page.click("form[action*='/remove'] input[type=checkbox]");
      page.follow("#remove");
      assertThat(page.path()).isEqualTo(ALL);
      assertThat(scene.admin.get(API).status()).isEqualTo(404);
      assertThat(audit()).contains("environment.lock", "environment.unlock", "environment.remove");
      assertThat(page.problems()).isEmpty();
    }
  }

  private static void enter(Page page, String button) {
    page.tabTo(button, 5);
    page.run("window.holdfastOld = true");
    page.press("Enter");
    page.loaded();
  }

  @Test
  void whoIsInsideWhoStandsInLineAndWhoWasThereIsSeen() throws Exception {
    set("?repository=harbour&name=production", "{}");
    scene.stage.run("harbour", "deploy");
    scene.stage.run("harbour", "deploy");
    var doing = scene.take().started();
    scene.asksInVain();
    try (Page page = scene.page("vera", "viewer")) {
      page.open(ALL);
      assertThat(page.text(".things")).contains("1 inside", "1 in line");
      page.follow(".things a");
      assertThat(page.text("[aria-labelledby=h-inside]"))
          .contains("harbour#1/publish", "inside", "harbour#2/publish", "number 1 in line");
      assertThat(page.count("main form")).as("who may only look has no form").isZero();
      Looks.all(page, "settings-environment");
      doing.over(new Outcome.Succeeded());
      page.open(ONE);
      assertThat(page.text("#history")).contains("harbour#1/publish", "succeeded");
    }
  }

  @Test
  void whatAnOrganisationSetsIsSeenInItsRepositoriesAndChangedOnlyThere() throws Exception {
    PageScene.expect(
        scene.admin.post(
            "/api/v1/repositories",
            "{\"name\": \"quay\", \"url\": \"/tmp/quay.git\", \"organisation\": \"acme\"}"),
        201);
    set("?organisation=acme&name=review%2F%2A", "{\"variables\": {\"TIER\": \"review\"}}");
    set("?repository=quay&name=review%2F%2A", "{\"timer\": \"5m\"}");
    try (Page page = scene.signedIn()) {
      // Found from the repository, and from the list of all.
      page.open("/settings/repositories/quay");
      page.follow("[aria-labelledby=h-where] a[href*='organisation=acme']");
      assertThat(page.text("main")).contains("acme", "review/*");
      page.follow(".settings-links a[href='/settings/organisations']");
      assertThat(page.text("main")).contains("acme", "quay");
      Looks.all(page, "settings-organisations");
      page.follow("a[href='/settings/policy?organisation=acme']");
      assertThat(page.text(".place-tabs")).contains("Environments", "Secrets", "Policy");
      page.open("/settings/environments?repository=quay");
      assertThat(page.text(".things")).contains("of the organisation", "after 5m");
      page.open("/settings/environment?repository=quay&name=review%2F*");
      assertThat(page.text("main")).contains("Of the organisation acme", "TIER", "5m first");
      assertThat(page.eval("document.querySelector('#f-rules').value"))
          .as("only its own are changed here")
          .contains("5m")
          .doesNotContain("TIER");
      page.follow("main a[href*='organisation=acme'][href*='name=']");
      assertThat(page.eval("document.querySelector('#f-rules').value")).contains("TIER");
      // What applies to a name below it is seen, and is no place to change it.
      page.open("/settings/environment?repository=quay&name=review%2Ffeature-1");
      assertThat(page.text("main")).contains("as review/*", "Of the repository quay");
      assertThat(page.count("#f-rules")).isZero();
      assertThat(page.problems()).isEmpty();
    }
  }

  @Test
  void whoMayOnlyLookIsRefusedWhenTheySendTheForms() throws Exception {
    set("?repository=harbour&name=production", "{}");
    String cookie = scene.session(scene.user("dora", "developer"));
    String admin = scene.session(scene.admin.token());
    String csrf = HoldScene.field(scene.get(ONE, cookie).body(), "csrf");
    String theirs = HoldScene.field(scene.get(ONE, admin).body(), "csrf");
    var forms =
        Map.of(
            ALL,
            Map.of("name", "staging", "rules", "{}"),
            ONE,
            Map.of("rules", "{\"timer\": \"1h\"}"),
            ONE.replace("?", "/lock?"),
            Map.of("why", "mine"),
            ONE.replace("?", "/unlock?"),
            Map.of("x", "y"),
            ONE.replace("?", "/remove?"),
            Map.of("sure", "yes"));
    for (var form : forms.entrySet()) {
      var fields = new java.util.HashMap<>(form.getValue());
      fields.put("csrf", csrf);
      var refused = scene.send(form.getKey(), fields, cookie);
      assertThat(refused.statusCode()).as(form.getKey()).isEqualTo(403);
      assertThat(refused.body()).contains("manage-environments");
    }
    assertThat(scene.admin.get("/api/v1/environments?repository=harbour").text())
        .contains("production")
        .doesNotContain("staging")
        .doesNotContain("1h")
        .doesNotContain("mine");
    // The control: the same forms, by who may; what cannot be undone last.
    for (String way :
        List.of(
            ALL,
            ONE,
            ONE.replace("?", "/lock?"),
            ONE.replace("?", "/unlock?"),
            ONE.replace("?", "/remove?"))) {
      var fields = new java.util.HashMap<>(forms.getOrDefault(way, Map.of()));
      fields.put("csrf", theirs);
      assertThat(scene.send(way, fields, admin).statusCode()).as(way).isEqualTo(303);
    }
    assertThat(scene.admin.get("/api/v1/environments?repository=harbour").text())
        .contains("staging")
        .doesNotContain("production");
  }
}

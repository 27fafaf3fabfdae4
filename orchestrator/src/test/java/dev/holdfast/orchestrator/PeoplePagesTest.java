package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.chromium.Page;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users, teams and what was granted, as people see and change them with a browser. */
@SuppressWarnings("NullAway.Init") // set before each
class PeoplePagesTest {
  @TempDir Path data;
  private HoldScene scene;

  @BeforeEach
  void open() throws Exception {
    scene = new HoldScene(data);
  }

  @AfterEach
  void close() throws Exception {
    scene.close();
  }

  private String audit(String what) throws Exception {
    return scene.admin.get("/api/v1/audit?what=" + what).text();
  }

  private String grants() throws Exception {
    return scene.admin.get("/api/v1/grants").text();
  }

  @Test
  void somebodyIsAddedGivenARoleTakenIntoATeamAndDisabled() throws Exception {
    try (Page page = scene.signedIn()) {
      page.open("/settings/users");
      assertThat(page.text(".things")).contains("admin", "owner");
      page.fill("#f-name", "no such name!");
      page.follow("#add");
      assertThat(page.text("#wrong-name")).contains("is not a name");
      page.forgive();
      // By keyboard alone, from the name to the role.
      page.tabTo("#f-name", 60);
      page.run("document.activeElement.select()");
      page.type("ada");
      enter(page, "#add");
      assertThat(page.path()).isEqualTo("/settings/users/ada");
      page.tabTo("#f-what", 60);
      page.press("ArrowDown");
      page.run("document.querySelector('#f-what').value = 'approver'");
      page.tabTo("#f-repository", 3);
      page.run("document.activeElement.value = 'harbour'");
      enter(page, "#grant");
      assertThat(page.path()).isEqualTo("/settings/users/ada");
      assertThat(page.text("[aria-labelledby=h-may]")).contains("approver", "in harbour");
      assertThat(grants())
          .contains("{\"to\":\"ada\",\"what\":\"approver\",\"repository\":\"harbour\"}");
      Looks.all(page, "settings-user");

      page.open("/settings/teams");
      page.fill("#f-name", "ops");
      page.follow("#add");
      page.run("document.querySelector('#f-user').value = 'ada'");
      page.follow("#join");
      assertThat(page.text("[aria-labelledby=h-members]")).contains("ada");
      page.run("document.querySelector('#f-what').value = 'viewer'");
      page.follow("#grant");
      assertThat(page.path()).isEqualTo("/settings/teams/ops");
      assertThat(page.text("[aria-labelledby=h-may]")).contains("viewer", "everywhere");
      Looks.all(page, "settings-team");
      page.open("/settings/users");
      assertThat(page.text(".things")).contains("approver in harbour, viewer");
      Looks.all(page, "settings-users");
      page.open("/settings/users/ada");
      assertThat(page.text("[aria-labelledby=h-teams]")).contains("ops", "viewer");
      page.open("/settings/grants");
      assertThat(page.text("main")).contains("ada", "approver", "ops", "team", "manage-policy");
      Looks.all(page, "settings-grants");

      page.open("/settings/users/ada");
      page.follow("[aria-labelledby=h-may] .thing-end button");
      assertThat(page.text("[aria-labelledby=h-may]")).contains("Nothing of their own");
      assertThat(grants()).doesNotContain("approver");
      page.open("/settings/teams/ops");
      page.follow("[aria-labelledby=h-members] .thing-end button");
      assertThat(page.text("[aria-labelledby=h-members]")).contains("Nobody");
      page.click("form[action$='/remove'] input[type=checkbox]");
      page.follow("#remove");
      assertThat(page.path()).isEqualTo("/settings/teams");

      String token = scene.token("ada");
      assertThat(scene.stage.caller(token).get("/api/v1/whoami").status()).isEqualTo(200);
      page.open("/settings/users/ada");
      page.click("form[action$='/disable'] input[type=checkbox]");
      page.follow("#disable");
      assertThat(page.text(".page-head")).contains("Disabled");
      assertThat(scene.stage.caller(token).get("/api/v1/whoami").status()).isEqualTo(401);
      page.follow("#enable");
      assertThat(scene.stage.caller(token).get("/api/v1/whoami").status()).isEqualTo(200);
      assertThat(page.problems()).isEmpty();
    }
    assertThat(audit("user")).contains("user.add", "user.disable", "user.enable");
    assertThat(audit("team")).contains("team.add", "team.join", "team.leave", "team.remove");
    assertThat(audit("grant")).contains("grant.add", "grant.remove");
  }

  private static void enter(Page page, String button) {
    page.tabTo(button, 5);
    page.run("window.holdfastOld = true");
    page.press("Enter");
    page.loaded();
  }

  @Test
  void anAdminMakesNoOwnerAndIsToldWhy() throws Exception {
    scene.user("ada", "viewer");
    String cookie = scene.session(scene.user("amy", "admin"));
    String csrf = HoldScene.field(scene.get("/settings/users/ada", cookie).body(), "csrf");
    var refused =
        scene.send(
            "/settings/grants",
            Map.of("csrf", csrf, "to", "ada", "what", "owner", "back", "users"),
            cookie);
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body())
        .contains("Nothing was changed", "you may not give or take owner", "manage-owners");
    assertThat(
            scene
                .send("/settings/users/admin/disable", Map.of("csrf", csrf, "sure", "yes"), cookie)
                .statusCode())
        .as("nobody disables who may do more")
        .isEqualTo(403);
    assertThat(grants()).doesNotContain("{\"to\":\"ada\",\"what\":\"owner\"}");
    // The control: what an admin has, an admin gives, by the same form.
    var done =
        scene.send(
            "/settings/grants",
            Map.of("csrf", csrf, "to", "ada", "what", "admin", "back", "users"),
            cookie);
    assertThat(done.statusCode()).isEqualTo(303);
    assertThat(done.headers().firstValue("Location")).hasValue("/settings/users/ada");
    assertThat(grants()).contains("{\"to\":\"ada\",\"what\":\"admin\"}");
  }

  @Test
  void whoManagesOneRepositoryGivesThereAloneAndLearnsNoNames() throws Exception {
    scene.stage.repository("quay");
    scene.user("ada", "viewer");
    PageScene.expect(scene.admin.post("/api/v1/users", "{\"name\": \"ren\"}"), 201);
    PageScene.expect(
        scene.admin.post(
            "/api/v1/grants",
            "{\"to\": \"ren\", \"what\": \"admin\", \"repository\": \"harbour\"}"),
        201);
    String cookie = scene.session(scene.token("ren"));
    assertThat(scene.get("/settings/users", cookie).statusCode()).isEqualTo(403);
    String page = scene.get("/settings/grants", cookie).body();
    assertThat(page)
        .contains("ren", "harbour")
        .doesNotContain("ada")
        .doesNotContain("quay")
        .doesNotContain(">everywhere<");
    String csrf = HoldScene.field(page, "csrf");
    for (Map<String, String> beyond :
        List.of(
            Map.of("to", "ren", "what", "viewer"),
            Map.of("to", "ren", "what", "viewer", "repository", "quay"),
            Map.of("to", "ren", "what", "viewer", "repository", "no-such-repository"))) {
      var fields = new java.util.HashMap<>(beyond);
      fields.put("csrf", csrf);
      assertThat(scene.send("/settings/grants", fields, cookie).statusCode())
          .as(beyond.toString())
          .isEqualTo(403);
    }
    // The control: in their repository it is done.
    assertThat(
            scene
                .send(
                    "/settings/grants",
                    Map.of("csrf", csrf, "to", "ada", "what", "developer", "repository", "harbour"),
                    cookie)
                .statusCode())
        .isEqualTo(303);
    assertThat(grants())
        .contains("{\"to\":\"ada\",\"what\":\"developer\",\"repository\":\"harbour\"}");
  }
}

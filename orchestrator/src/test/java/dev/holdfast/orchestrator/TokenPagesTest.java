package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.chromium.Page;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens, sessions and linked accounts, as people see and change them with a browser. */
@SuppressWarnings("NullAway.Init") // set before each
class TokenPagesTest {
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

  private static String source(Page page) {
    return page.eval("document.documentElement.outerHTML");
  }

  private void isNowhereInTheData(String secret) throws Exception {
    try (var files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(secret);
      }
    }
  }

  @Test
  void aTokenIsShownOnceWorksAndIsRevoked() throws Exception {
    try (Page page = scene.page("dora", "developer")) {
      page.open("/settings");
      page.follow(".settings-links a[href='/settings/tokens']");
      assertThat(page.text(".things")).contains("A session", "this one", "for all they may do");
      page.fill("#f-name", "a name with blanks");
      page.follow("#make");
      assertThat(page.text("#wrong-name")).contains("is not a name");
      page.forgive();
      // By keyboard alone.
      page.tabTo("#f-name", 80);
      page.run("document.activeElement.select()");
      page.type("laptop");
      page.tabTo("input[value=view]", 10);
      page.press("Space");
      page.tabTo("#make", 20);
      page.run("window.holdfastOld = true");
      page.press("Enter");
      page.loaded();
      String secret = page.text("#secret");
      assertThat(secret).startsWith("hft_").hasSizeGreaterThan(40);
      assertThat(page.text("main")).contains("Shown this once", "acts as dora");
      Looks.all(page, "settings-token-made");
      var whoami = scene.stage.caller(secret).get("/api/v1/whoami");
      assertThat(whoami.at("user.name")).isEqualTo("dora");
      assertThat(whoami.at("may.0.permissions")).isEqualTo("[\"view\"]");

      page.follow(".card-foot a");
      assertThat(page.text(".things")).contains("laptop", "for view", "used just now");
      assertThat(source(page)).as("it is on no other page").doesNotContain(secret);
      Looks.all(page, "settings-tokens");
      isNowhereInTheData(secret);
      page.run(
          "[...document.querySelectorAll('.things li')].find(li =>"
              + " li.innerText.includes('laptop')).querySelector('button').id = 'revoke'");
      page.follow("#revoke");
      assertThat(page.text(".things")).contains("A session").doesNotContain("laptop");
      assertThat(scene.stage.caller(secret).get("/api/v1/whoami").status()).isEqualTo(401);
      assertThat(page.problems()).isEmpty();
    }
    assertThat(scene.admin.get("/api/v1/audit?what=token").text())
        .contains("token.make", "token.revoke");
  }

  @Test
  void whatShowsATokenIsNeverKeptByABrowserAndNeverShownAgain() throws Exception {
    String cookie = scene.session(scene.user("dora", "developer"));
    String csrf = HoldScene.field(scene.get("/settings/tokens", cookie).body(), "csrf");
    var made =
        scene.send("/settings/tokens", Map.of("csrf", csrf, "name", "ci", "life", "hour"), cookie);
    assertThat(made.statusCode()).isEqualTo(200);
    assertThat(made.headers().firstValue("Cache-Control")).hasValue("no-store");
    var found = java.util.regex.Pattern.compile("hft_[A-Za-z0-9_-]{43}").matcher(made.body());
    assertThat(found.find()).isTrue();
    String secret = found.group();
    assertThat(scene.get("/settings/tokens", cookie).body()).contains("ci").doesNotContain(secret);
    assertThat(scene.admin.get("/api/v1/tokens?all=true").text()).doesNotContain(secret);
    assertThat(scene.admin.get("/api/v1/audit").text()).doesNotContain(secret);
  }

  @Test
  void aNarrowSessionMakesNoWiderTokenAndNobodySeesWhatIsNotTheirs() throws Exception {
    scene.user("dora", "developer");
    String narrow =
        scene
            .admin
            .post(
                "/api/v1/tokens",
                "{\"name\": \"narrow\", \"user\": \"dora\", \"scope\": [\"view\"]}")
            .at("token");
    String cookie = scene.session(narrow);
    String page = scene.get("/settings/tokens", cookie).body();
    assertThat(page).doesNotContain("Everybody").doesNotContain("value=\"start-runs\"");
    String csrf = HoldScene.field(page, "csrf");
    var wider =
        scene.send(
            "/settings/tokens",
            Map.of("csrf", csrf, "name", "wide", "scope", "start-runs"),
            cookie);
    assertThat(wider.statusCode()).isEqualTo(403);
    assertThat(wider.body()).contains("good for no more than the one that makes it");
    for (String theirs : new String[] {"admin", "builder-1"}) {
      var other =
          scene.send(
              "/settings/tokens",
              Map.of("csrf", csrf, "name", "t", "user", theirs, "scope", "view"),
              cookie);
      assertThat(other.statusCode()).as(theirs).isIn(403, 404);
      assertThat(other.body()).doesNotContain("hft_");
    }
    assertThat(scene.get("/settings/tokens?all=true", cookie).statusCode()).isEqualTo(403);
    String admins = scene.admin.get("/api/v1/whoami").at("token");
    assertThat(
            scene
                .send("/settings/tokens/" + admins + "/revoke", Map.of("csrf", csrf), cookie)
                .statusCode())
        .isEqualTo(403);
    assertThat(scene.admin.get("/api/v1/whoami").status()).isEqualTo(200);
    // The controls: the same by who may.
    String admin = scene.session(scene.admin.token());
    String all = scene.get("/settings/tokens?all=true&user=dora", admin).body();
    assertThat(all).contains("narrow", "of <bdi", "dora");
    String adminCsrf = HoldScene.field(all, "csrf");
    String id = scene.stage.caller(narrow).get("/api/v1/whoami").at("token");
    assertThat(
            scene
                .send(
                    "/settings/tokens/" + id + "/revoke",
                    Map.of("csrf", adminCsrf, "all", "true"),
                    admin)
                .statusCode())
        .isEqualTo(303);
    assertThat(scene.get("/settings/tokens", cookie).statusCode())
        .as("the session that was begun with it is over")
        .isEqualTo(303);
  }

  @Test
  void anAgentsTokenIsShownOnceLetsItInAndIsRevoked() throws Exception {
    try (Page page = scene.signedIn()) {
      page.open("/settings/agents");
      assertThat(page.text(".things")).contains("builder-1", "agent heard of");
      page.fill("#f-name", "builder-2");
      page.follow("#make");
      String secret = page.text("#secret");
      assertThat(secret).startsWith("hfa_");
      Looks.all(page, "settings-agent-token-made");
      assertThat(scene.stage.caller(secret).register("builder-2", 1).agent()).startsWith("agt_");
      page.follow(".card-foot a");
      assertThat(source(page)).doesNotContain(secret);
      Looks.all(page, "settings-agent-tokens");
      isNowhereInTheData(secret);
      page.click(".things li:last-child input[type=checkbox]");
      page.follow(".things li:last-child button");
      assertThat(page.text(".things")).doesNotContain("builder-2");
      assertThat(scene.stage.caller(secret).post("/agent/v1/heartbeat", "{}").status())
          .isEqualTo(401);
    }
  }

  @Test
  void anAccountIsLinkedByItsForgesSignInAndUnlinkedByAnother() throws Exception {
    try (var forge = new SignInForge()) {
      forge.signedIn = "{\"id\": 583231, \"login\": \"dora-at-the-forge\"}";
      var client = forge.client(scene.stage.port());
      scene.stage.signIn.put(client.name(), client);
      try (Page page = scene.page("dora", "developer")) {
        page.open("/settings/account");
        assertThat(page.text("main")).contains("developer", "None is linked");
        Looks.all(page, "settings-account");
        page.follow("form[action$='/link'] button");
        assertThat(page.text("#linking")).contains("Sign in there");
        Looks.all(page, "settings-account-linking");
        page.fill("#f-code", "NOTTHECODE");
        page.follow("#confirm");
        assertThat(page.text("#problem")).contains("not the code");
        page.forgive();
        page.follow("form[action$='/link'] button");
        String away = page.eval("document.querySelector('#away').href");
        try (Page tab = scene.browser()) {
          tab.open(away.substring(scene.base().length()));
          var code =
              java.util.regex.Pattern.compile("--code ([0-9A-Z]+)").matcher(tab.text("body"));
          assertThat(code.find()).isTrue();
          page.fill("#f-code", code.group(1));
        }
        page.follow("#confirm");
        assertThat(page.text("[aria-labelledby=h-accounts]"))
            .contains("dora-at-the-forge", "number 583231");
      }
      String cookie = scene.session(scene.token("dora"));
      String id =
          scene.admin.get("/api/v1/users").text().replaceAll("(?s).*(idn_[0-9a-z]+).*", "$1");
      assertThat(scene.get("/settings/users/dora", cookie).statusCode()).isEqualTo(403);
      try (Page page = scene.signedIn()) {
        page.open("/settings/users/dora");
        assertThat(page.text("[aria-labelledby=h-accounts]")).contains("dora-at-the-forge");
        page.click("form[action$='/unlink'] input[type=checkbox]");
        page.follow("form[action$='/unlink'] button");
        assertThat(page.text("[aria-labelledby=h-accounts]")).contains("None is linked");
      }
      assertThat(scene.admin.get("/api/v1/users").text()).doesNotContain(id);
      assertThat(scene.admin.get("/api/v1/audit?what=identity").text())
          .contains("identity.link", "identity.unlink");
    }
  }
}

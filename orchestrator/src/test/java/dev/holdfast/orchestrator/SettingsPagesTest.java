package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.chromium.Page;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.run.Outcome;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.db.Database;
import dev.holdfast.orchestrator.secret.SecretDelivery;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repositories and secrets, as people see and change them with a browser. */
@SuppressWarnings("NullAway.Init") // set before each
class SettingsPagesTest {
  private static final String TOKEN = "a-token-of-the-forge";
  private static final String CANARY = "Canary-7f3a-of-the-registry";
  private static final String KEY = "-----BEGIN KEY-----\nCanary+Lines/9b2e\n-----END KEY-----\n";

  @TempDir Path data;
  private HoldScene scene;
  private HttpServer forge;

  @BeforeEach
  void open() throws Exception {
    scene = new HoldScene(data);
    forge = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    // As GitHub answers who asks for one repository; only what Holdfast reads of it.
    forge.createContext(
        "/repos/octo/app",
        exchange -> {
          try (exchange) {
            boolean may =
                ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            byte[] body =
                ("{\"id\": 77, \"clone_url\": \"" + api() + "/octo/app.git\"}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(may ? 200 : 404, may ? body.length : -1);
            if (may) {
              exchange.getResponseBody().write(body);
            }
          }
        });
    forge.start();
  }

  @AfterEach
  void close() throws Exception {
    forge.stop(0);
    scene.close();
  }

  private String api() {
    return "http://127.0.0.1:" + forge.getAddress().getPort();
  }

  private static String source(Page page) {
    return page.eval("document.documentElement.outerHTML");
  }

  private String audit(String what) throws Exception {
    return scene.admin.get("/api/v1/audit?what=" + what).text();
  }

  @Test
  void aRepositoryAtAForgeIsAddedOnceItWorksAndItsSecretIsShownThatOnce() throws Exception {
    try (Page page = scene.signedIn()) {
      page.open("/settings");
      assertThat(page.path()).isEqualTo("/settings/repositories");
      assertThat(page.text(".things")).contains("harbour", "GitHub");
      Looks.all(page, "settings-repositories");
      page.follow("a[href='/settings/add-repository']");
      Looks.all(page, "settings-add");
      page.fill("#f-repository", "octo/app");
      page.fill("#f-token", "a-token-that-is-refused");
      page.fill("#f-api", api());
      page.follow("#add");
      assertThat(page.text("#problem")).contains("Nothing was changed", "octo/app");
      page.forgive(); // that it was refused
      assertThat(page.eval("document.querySelector('#f-repository').value")).isEqualTo("octo/app");
      assertThat(source(page)).doesNotContain("a-token-that-is-refused");
      Looks.all(page, "settings-add-refused");
      assertThat(scene.admin.get("/api/v1/repositories/app").status()).isEqualTo(404);

      page.fill("#f-token", TOKEN);
      page.follow("#add");
      assertThat(page.text("h1")).isEqualTo("app was added");
      assertThat(page.text(".settings-main"))
          .contains("The forge answers", "main", "application/json");
      String secret = page.text("#secret");
      String hook = page.text("#hook");
      assertThat(secret).hasSizeGreaterThan(30);
      assertThat(hook).startsWith("/hook/");
      assertThat(source(page)).doesNotContain(TOKEN);
      Looks.all(page, "settings-added");
      assertThat(audit("repository.add")).contains("\"app\"").doesNotContain(TOKEN);

      page.open("/settings/repositories/app");
      assertThat(page.text(".settings-main")).contains("a token of its own", hook);
      assertThat(source(page)).doesNotContain(secret).doesNotContain(TOKEN);
      page.follow("#check");
      assertThat(page.text("#checked")).contains("It works", "main");
      Looks.all(page, "settings-repository");
      page.follow("#rotate");
      assertThat(page.text("#rotated #secret")).isNotEqualTo(secret).hasSizeGreaterThan(30);
      assertThat(page.text("#rotated #hook")).isEqualTo(hook);
      assertThat(audit("webhook.rotate")).contains("webhook.rotate");
      scene.stage.forge.away(true);
      page.follow("#check");
      assertThat(page.text("#checked")).contains("It does not work");
      scene.stage.forge.away(false);

      page.fill("#f-confirm", "another");
      page.follow("#remove");
      assertThat(page.text("#wrong-confirm")).contains("write the name of the repository, app");
      assertThat(scene.admin.get("/api/v1/repositories/app").status()).isEqualTo(200);
      page.forgive();
      page.fill("#f-confirm", "app");
      page.follow("#remove");
      assertThat(page.path()).isEqualTo("/settings/repositories");
      assertThat(page.text(".things")).doesNotContain("app");
      assertThat(audit("repository.remove")).contains("repository.remove");
    }
  }

  @Test
  void aRepositoryOfPlainGitIsAddedByKeyboardAlone() throws Exception {
    try (Page page = scene.signedIn()) {
      page.open("/settings/add-repository?kind=git");
      page.tabTo("#f-url", 40);
      page.type("not a place");
      page.run("window.holdfastOld = true");
      page.press("Enter");
      page.loaded();
      assertThat(page.text("#wrong-name, #wrong-url")).isNotEmpty();
      page.forgive();
      page.tabTo("#f-url", 40);
      page.run("document.activeElement.select()");
      page.type("https://git.example.org/team/quay.git");
      page.tabTo("#f-organisation", 5);
      page.type("acme");
      page.tabTo("#add", 5);
      page.run("window.holdfastOld = true");
      page.press("Enter");
      page.loaded();
      assertThat(page.text("h1")).isEqualTo("quay was added");
      var added = scene.admin.get("/api/v1/repositories/quay");
      assertThat(added.at("url")).isEqualTo("https://git.example.org/team/quay.git");
      assertThat(added.at("organisation")).isEqualTo("acme");
      assertThat(page.problems()).isEmpty();
    }
  }

  @Test
  void whatWasHeardIsShownAsTextAndWhoMayNotChangeAnythingSeesNoForms() throws Exception {
    String script = "<img/src=x/onerror=window.hit=1>";
    var writer = new Contributor(HoldScene.FORGE.name(), "42", script);
    scene.stage.deliver(
        new Event(
            "push-1",
            scene.repository,
            scene.clock.instant(),
            Optional.of(writer),
            new Happening.Push(
                new RefName(script + "b".repeat(120)),
                new CommitId("e".repeat(40)),
                Optional.empty(),
                false)),
        List.of(new Lookup.Known<>(writer)));
    org.awaitility.Awaitility.await()
        .until(() ->
            scene
                .admin
                .get("/api/v1/repositories/harbour/events")
                .at("events.0.state")
                .equals("done"));
    try (Page page = scene.page("vera", "viewer")) {
      page.open("/settings/repositories/harbour");
      assertThat(page.text("[aria-labelledby=h-heard]")).contains("push", "<img/src=x", "done");
      assertThat(page.eval("String(window.hit)")).isEqualTo("undefined");
      assertThat(page.count("main img")).isZero();
      assertThat(page.count("main form")).isZero();
      assertThat(source(page)).doesNotContain("/hook/");
      Looks.all(page, "settings-repository-viewer");
    }
  }

  @Test
  void aSecretGoesInAndNoPageHasItsValue() throws Exception {
    try (Page page = scene.signedIn()) {
      page.open("/settings/secrets?repository=harbour");
      page.fill("#f-name", "REGISTRY_TOKEN");
      page.fill("#f-value", "hunter2");
      page.follow("#set");
      assertThat(page.text("#wrong-value")).contains("shorter than");
      assertThat(source(page)).doesNotContain("hunter2");
      assertThat(page.eval("document.querySelector('#f-name').value")).isEqualTo("REGISTRY_TOKEN");
      page.forgive();
      Looks.all(page, "settings-secrets-refused");

      // By keyboard alone.
      page.tabTo("#f-value", 40);
      page.type(CANARY);
      page.run("window.holdfastOld = true");
      page.press("Enter");
      page.loaded();
      assertThat(page.path()).isEqualTo("/settings/secrets/REGISTRY_TOKEN?repository=harbour");
      assertThat(source(page)).doesNotContain(CANARY);
      page.click("#several summary");
      page.fill("#f-lines", KEY);
      assertThat(
              page.eval("getComputedStyle(document.querySelector('#f-lines')).webkitTextSecurity"))
          .isEqualTo("disc");
      page.follow("#set");
      assertThat(page.text("[aria-labelledby=h-versions]")).contains("Version 2", "Version 1");

      scene.stage.run("harbour", "build");
      var doing = scene.take();
      assertThat(doing.secrets("REGISTRY_TOKEN"))
          .isInstanceOfSatisfying(
              SecretDelivery.Answer.Resolved.class,
              resolved ->
                  assertThat(
                          new String(resolved.given().getFirst().value(), StandardCharsets.UTF_8))
                      .as("to the last line end")
                      .isEqualTo(KEY));
      doing.started();
      doing.over(new Outcome.Succeeded());
      page.open("/settings/secrets/REGISTRY_TOKEN?repository=harbour");
      assertThat(page.text("[aria-labelledby=h-seen]")).contains("harbour / build", "compile");
      Looks.all(page, "settings-secret");
      assertThat(source(page)).doesNotContain("Canary");

      page.follow("[aria-labelledby=h-versions] form button");
      assertThat(page.text("[aria-labelledby=h-versions]")).contains("Version 3");
      page.click("form[action*='/purge'] input[type=checkbox]");
      page.follow("#purge");
      assertThat(page.text("[aria-labelledby=h-versions]")).contains("purged by");
      page.click("form[action*='/remove'] input[type=checkbox]");
      page.follow("#remove");
      assertThat(page.text(".page-head")).contains("It was removed");
      page.open("/settings/secrets?repository=harbour");
      assertThat(page.text(".things")).contains("REGISTRY_TOKEN", "removed");
      Looks.all(page, "settings-secrets");
      assertThat(source(page)).doesNotContain("Canary");
      assertThat(page.count("input[type=password][autocomplete='one-time-code']")).isOne();
    }
    String record = audit("secret");
    assertThat(record)
        .contains("secret.set", "secret.rollback", "secret.purge", "secret.remove")
        .doesNotContain("Canary")
        .doesNotContain("hunter2");
    // The control: the value is there, sealed; what is searched for is what a leak would look like.
    try (var files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain("Canary")
            .doesNotContain("hunter2");
      }
    }
    assertThat(data.resolve(Database.FILE)).exists();
  }

  @Test
  void whoMayOnlySeeSecretsIsShownNoFormAndRefusedWhenTheySendOne() throws Exception {
    String cookie = scene.session(scene.user("dora", "developer"));
    String page = scene.get("/settings/secrets?repository=harbour", cookie).body();
    assertThat(page).doesNotContain("f-value");
    String csrf = HoldScene.field(page, "csrf");
    var form = Map.of("csrf", csrf, "name", "STOLEN_PLACE", "value", CANARY);
    var refused = scene.send("/settings/secrets?repository=harbour", form, cookie);
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("manage-secrets").doesNotContain(CANARY);
    assertThat(scene.admin.get("/api/v1/secrets?repository=harbour").text())
        .doesNotContain("STOLEN_PLACE");
    // The control: the same form, by who may.
    String admin = scene.session(scene.admin.token());
    String theirs =
        HoldScene.field(scene.get("/settings/secrets?repository=harbour", admin).body(), "csrf");
    var done =
        scene.send(
            "/settings/secrets?repository=harbour",
            Map.of("csrf", theirs, "name", "STOLEN_PLACE", "value", CANARY),
            admin);
    assertThat(done.statusCode()).isEqualTo(303);
    assertThat(scene.admin.get("/api/v1/secrets?repository=harbour").text())
        .contains("STOLEN_PLACE");
  }
}

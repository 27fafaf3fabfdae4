package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.chromium.Page;
import dev.holdfast.model.json.JsonText;
import dev.holdfast.orchestrator.db.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The audit log, as people look through it, check it and take it along. */
@SuppressWarnings("NullAway.Init") // set before each
class AuditPageTest {
  private static final String SCRIPT = "<img src=x onerror=window.hit=1>\u202egpj";

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

  private void sql(String... statements) throws Exception {
    try (var connection =
            DriverManager.getConnection(
                "jdbc:sqlite:" + data.resolve(Database.FILE) + "?busy_timeout=10000");
        var statement = connection.createStatement()) {
      for (String one : statements) {
        statement.executeUpdate(one);
      }
    }
  }

  private int entries() throws Exception {
    return scene.admin.get("/api/v1/audit?limit=1000").text().split("\"hash\"", -1).length - 1;
  }

  @Test
  void whoDidWhatIsLookedThroughAndTakenAlong() throws Exception {
    String hold = scene.held();
    PageScene.expect(
        scene.admin.post("/api/v1/holds/" + hold + "/reject", JsonText.compact(reason(SCRIPT))),
        200);
    String run = scene.admin.get("/api/v1/holds/" + hold).at("run");
    for (int i = 0; i < 60; i++) {
      PageScene.expect(scene.admin.post("/api/v1/users", "{\"name\": \"user-" + i + "\"}"), 201);
    }
    try (Page page = scene.page("olga", "auditor")) {
      page.open("/settings/audit");
      assertThat(page.count(".entries li")).isEqualTo(50);
      assertThat(page.text(".entries li")).contains("olga");
      Looks.all(page, "settings-audit");
      page.follow("a[rel=next]");
      assertThat(page.text(".entries")).contains("hold.reject", "hold.place");

      // Why a run did not run: by its id, with what was said to its holds. By keyboard alone.
      page.open("/settings/audit");
      page.tabTo("#f-on", 40);
      page.type(run);
      page.run("window.holdfastOld = true");
      page.press("Enter");
      page.loaded();
      assertThat(page.text(".entries")).contains("admin", "hold.reject", "<img src=x", "‹U+202E›");
      assertThat(page.eval("String(window.hit)")).isEqualTo("undefined");
      assertThat(page.count("main img")).isZero();
      assertThat(page.eval("document.querySelector('.entries a').getAttribute('href')"))
          .isEqualTo("/holds/" + hold);
      page.open("/settings/audit?what=user&who=admin");
      assertThat(page.count(".entries li")).isEqualTo(50);
      page.open("/settings/audit?what=nothing-of-that");
      assertThat(page.text("main")).contains("Nothing of that is on record");
      Looks.all(page, "settings-audit-none");
    }
    String cookie = scene.session(scene.token("olga"));
    List<String> lines =
        scene.get("/settings/audit/export?on=" + run, cookie).body().lines().toList();
    assertThat(lines).isNotEmpty().allSatisfy(line -> assertThat(JsonText.parse(line)).isNotNull());
    assertThat(String.join("\n", lines))
        .contains("hold.reject", "\"hash\"")
        .doesNotContain("user-1");
    assertThat(scene.get("/settings/audit/export", cookie).body().lines().count())
        .as("all of it, in its order, up to when it was asked for")
        .isEqualTo(entries());
  }

  private static dev.holdfast.model.json.Json reason(String text) {
    return dev.holdfast.model.json.Json.Obj.of(
        java.util.Map.of("reason", new dev.holdfast.model.json.Json.Str(text)));
  }

  @Test
  void whatWasChangedInTheLogIsFoundAndItsPlaceIsSaid() throws Exception {
    for (int i = 0; i < 5; i++) {
      PageScene.expect(scene.admin.post("/api/v1/users", "{\"name\": \"user-" + i + "\"}"), 201);
    }
    try (Page page = scene.signedIn()) {
      Path checkpoints = data.resolve("audit/checkpoints");
      Awaitility.await().until(() -> Files.exists(checkpoints) && Files.size(checkpoints) > 0);
      page.open("/settings/audit");
      page.follow("#verify");
      assertThat(page.text("#checked"))
          .contains("all as they were written", "on another machine against copies");
      Looks.all(page, "settings-audit-good");
      sql(
          "DROP TRIGGER audit_not_changed",
          "UPDATE audit SET reasons = 'nobody of importance' WHERE number = 4");
      page.follow("#verify");
      assertThat(page.text("#checked")).contains("not as it was written", "entry 4 was changed");
      Looks.all(page, "settings-audit-changed");
    }
  }

  @Test
  void whoMayNotReadItSeesNoneOfIt() throws Exception {
    String cookie = scene.session(scene.user("dora", "developer"));
    for (String path : List.of("/settings/audit", "/settings/audit/export")) {
      var refused = scene.get(path, cookie);
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body()).contains("read-audit").doesNotContain("token.make");
    }
    assertThat(scene.get("/settings/repositories", cookie).body()).doesNotContain("Audit log");
  }
}

package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.chromium.Page;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies, as people see, try and set them with a browser. */
@SuppressWarnings("NullAway.Init") // set before each
class PolicyPageTest {
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

  private String audit() throws Exception {
    return scene.admin.get("/api/v1/audit?what=policy").text();
  }

  @Test
  void aPolicyIsTriedOnWhatWasThenSetAndWhoseItIsIsSaid() throws Exception {
    scene.held();
    try (Page page = scene.signedIn()) {
      page.open("/settings/policy?repository=harbour");
      assertThat(page.text("[aria-labelledby=h-applies]"))
          .contains("container or stronger", "Holdfast's own", "counts", "1 person, not one's own");
      page.fill("#f-count", "many");
      page.follow("#set");
      assertThat(page.text("#wrong-count")).contains("as a number");
      page.forgive();
      // By keyboard alone: three people, tried on what was before it is set.
      page.tabTo("#f-count", 60);
      page.run("document.activeElement.select()");
      page.type("3");
      page.tabTo("#test", 20);
      page.run("window.holdfastOld = true");
      page.press("Enter");
      page.loaded();
      assertThat(page.text("#tested"))
          .contains("of the newest 1 events", "waits for 1 approvals", "waits for 3 approvals");
      assertThat(page.eval("document.querySelector('#f-count').value")).isEqualTo("3");
      assertThat(audit()).as("to try it changes nothing").doesNotContain("policy.set");
      assertThat(
              scene.admin.get("/api/v1/policy?repository=harbour").at("effective.approval.count"))
          .isEqualTo("1");
      Looks.all(page, "settings-policy-tested");
      page.follow("#set");
      assertThat(page.path()).isEqualTo("/settings/policy?repository=harbour");
      assertThat(page.text("[aria-labelledby=h-applies]")).contains("3 people, not one's own");
      assertThat(page.text("[aria-labelledby=h-applies] thead th:last-child")).contains("counts");
      assertThat(
              scene.admin.get("/api/v1/policy?repository=harbour").at("effective.approval.count"))
          .isEqualTo("3");
      assertThat(audit()).contains("policy.set");
      Looks.all(page, "settings-policy");

      // What is less strict than the wider one is refused in words, and nothing is changed.
      page.open("/settings/policy");
      page.run("document.querySelector('#f-floor').value = 'microvm'");
      page.follow("#set");
      page.open("/settings/policy?repository=harbour");
      assertThat(page.text("main")).contains("None applies, so everything waits", "floor");
      page.follow("#set");
      assertThat(page.text("#problem")).contains("Nothing was changed", "less strict");
      page.forgive();
      page.click("form[action*='/clear'] input[type=checkbox]");
      page.follow("#clear");
      assertThat(page.text("[aria-labelledby=h-applies]")).contains("microvm or stronger");
      assertThat(audit()).contains("policy.clear");
      assertThat(page.problems()).isEmpty();
    }
  }

  @Test
  void whoMayNotSetOneSeesItAndIsRefusedWhenTheySendTheForm() throws Exception {
    String cookie = scene.session(scene.user("dora", "developer"));
    String page = scene.get("/settings/policy?repository=harbour", cookie).body();
    assertThat(page).contains("container or stronger").doesNotContain("f-count");
    var form =
        Map.of(
            "csrf",
            HoldScene.field(page, "csrf"),
            "floor",
            "namespaces",
            "count",
            "0",
            "hold-for",
            "1h");
    var refused = scene.send("/settings/policy?repository=harbour", form, cookie);
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("manage-policy");
    assertThat(scene.admin.get("/api/v1/policy?repository=harbour").at("effective.floor"))
        .isEqualTo("container");
    // The control: a form of this kind, by who may.
    String admin = scene.session(scene.admin.token());
    String theirs = scene.get("/settings/policy?repository=harbour", admin).body();
    var done =
        scene.send(
            "/settings/policy?repository=harbour",
            Map.of(
                "csrf",
                HoldScene.field(theirs, "csrf"),
                "floor",
                "microvm",
                "count",
                "2",
                "hold-for",
                "1h"),
            admin);
    assertThat(done.statusCode()).isEqualTo(303);
    assertThat(scene.admin.get("/api/v1/policy?repository=harbour").at("effective.floor"))
        .isEqualTo("microvm");
  }
}

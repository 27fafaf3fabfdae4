package dev.holdfast.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.chromium.Page;
import dev.holdfast.model.definition.PullRequestAction;
import dev.holdfast.model.event.CommitId;
import dev.holdfast.model.event.Contributor;
import dev.holdfast.model.event.Event;
import dev.holdfast.model.event.Happening;
import dev.holdfast.model.event.RefName;
import dev.holdfast.model.trust.Lookup;
import dev.holdfast.orchestrator.db.Database;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where somebody decides whether a stranger's code may run: what they see, and what a click does.
 */
@SuppressWarnings("NullAway.Init") // set before each
class HoldPageTest {
  private static final List<String> SEEN = List.of("csrf", "head", "base", "definition");

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

  private boolean onRecord(String what, String says) throws Exception {
    return scene.admin.get("/api/v1/audit?what=" + what).text().contains(says);
  }

  // ---- what one sees

  @Test
  void aHoldShowsAllThatOneHasToKnow() throws Exception {
    scene.changesWorkflows(HoldScene.A);
    scene.stage.forge.changed(".holdfast/build.json", "src/Main.java", "docs/typo.md");
    String hold = scene.held();
    try (Page page = scene.page("ada", "approver")) {
      page.open("/holds");
      assertThat(page.text("#holds")).contains("pull request 7", "harbour", "passer-by", "0 of 1");
      assertThat(page.axe()).isEmpty();
      page.screenshots("holds");
      page.eachLook(look -> assertThat(page.fits()).as(look).isTrue());

      page.follow("#holds .run-name");
      assertThat(page.path()).isEqualTo("/holds/" + hold);
      assertThat(page.text("[aria-labelledby=h-who]"))
          .contains("First contribution", "passer-by", "number 90210666", "a fork", "unknown")
          .contains("linked to no user", "fix-the-typo", "main");
      assertThat(page.text("[aria-labelledby=h-why]"))
          .contains("the commits come from a fork", "not known");
      assertThat(page.text("[aria-labelledby=h-definitions]"))
          .contains("does not run", "adds the job mine", "removes the job publish");
      assertThat(page.text("[aria-labelledby=h-files]")).contains("src/Main.java", "docs/typo.md");
      assertThat(page.count(".changes .is-marked")).isEqualTo(1);
      assertThat(page.text("[aria-labelledby=h-gets]"))
          .contains("container or stronger", "REGISTRY_TOKEN", "is given none of these")
          .contains("maven:3-eclipse-temurin-25");
      assertThat(page.text("[aria-labelledby=h-decide]"))
          .contains(HoldScene.A.value(), HoldScene.BASE.value(), "0 of 1", "Approve a1b2c3d")
          .contains("expires in 3 d 00 h");
      assertThat(page.text("[aria-labelledby=h-policy]")).contains("the default", "container");
      assertThat(
              page.eval(
                  "document.querySelector('[aria-labelledby=h-files] a').getAttribute('href')"))
          .endsWith("/compare/" + HoldScene.BASE + "..." + HoldScene.A);
      assertThat(page.axe()).isEmpty();
      page.screenshots("hold");
      page.eachLook(look -> assertThat(page.fits()).as(look).isTrue());
      assertThat(page.problems()).isEmpty();
    }
  }

  @Test
  void whoCameBeforeIsNoNewcomerWhateverTheirNameIs() throws Exception {
    scene.held();
    var renamed =
        new Contributor(HoldScene.FORGE.name(), HoldScene.STRANGER.id(), "quite-another-name");
    scene.request(HoldScene.B, PullRequestAction.OPENED, renamed, 8, "more");
    String second = scene.hold(HoldScene.B);
    var namesake = new Contributor(HoldScene.FORGE.name(), "31337", HoldScene.STRANGER.name());
    var third = new CommitId("c".repeat(40));
    scene.request(third, PullRequestAction.OPENED, namesake, 9, "more");
    String taken = scene.hold(third);
    String cookie = scene.session(scene.user("ada", "approver"));
    assertThat(scene.get("/holds/" + second, cookie).body())
        .doesNotContain("First contribution")
        .contains("1 other pull requests");
    assertThat(scene.get("/holds/" + taken, cookie).body()).contains("First contribution");
  }

  @Test
  void whatCannotBeToldIsSaidSoAndNotShownAsNoDifference() throws Exception {
    String hold = scene.held();
    scene.stage.forge.away(true);
    String cookie = scene.session(scene.user("ada", "approver"));
    String page = scene.get("/holds/" + hold, cookie).body();
    assertThat(page).contains("It cannot be told").contains("it is away");
    assertThat(page).doesNotContain("its workflows mean the same");
    // The control: once it is there again, the same page says so.
    scene.stage.forge.away(false);
    assertThat(scene.get("/holds/" + hold, cookie).body()).contains("its workflows mean the same");
  }

  // ---- what a click does

  @Test
  void aHoldIsApprovedByKeyboardAloneAndRunsExactlyWhatWasShown() throws Exception {
    String hold = scene.held();
    String token = scene.user("ada", "approver");
    try (Page page = scene.browser()) {
      page.open("/holds");
      page.tabTo("#token", 12);
      page.type(token);
      page.run("window.holdfastOld = true");
      page.press("Enter");
      page.loaded();
      assertThat(page.path()).isEqualTo("/holds");
      page.tabTo("#holds .run-name", 30);
      page.run("window.holdfastOld = true");
      page.press("Enter");
      page.loaded();
      page.tabTo("#approve", 60);
      page.run("window.holdfastOld = true");
      page.press("Enter");
      page.loaded();
      assertThat(page.path()).isEqualTo("/holds/" + hold);
      assertThat(page.text("#standing")).contains("released");
      assertThat(page.text("#news"))
          .contains("It was released", "approved by ada")
          .doesNotContain("usr_");
      assertThat(page.count("#approve")).isZero();
      assertThat(page.axe()).isEmpty();
      page.screenshots("hold-released");
      assertThat(page.problems()).isEmpty();
    }
    assertThat(scene.take().lease.source().commit()).isEqualTo(HoldScene.A);
    assertThat(onRecord("hold.approve", "on the web page")).isTrue();
  }

  /** A is looked at, B is pushed, the click is late. {@code theControl_…} is the one above. */
  @Test
  void aPushWhileThePageIsOpenHasTheClickApproveNothing() throws Exception {
    String hold = scene.held();
    try (Page page = scene.page("ada", "approver")) {
      page.withoutScripts(); // the page does not even hear of it
      page.open("/holds/" + hold);
      scene.request(HoldScene.B, PullRequestAction.SYNCHRONIZED);
      String newer = scene.hold(HoldScene.B);
      page.follow("#approve");
      assertThat(page.text("#problem"))
          .contains("Nothing was decided", "withdrawn", "the pull request is now at b9f8e7d");
      assertThat(page.text("#news")).contains("The commit has moved");
      assertThat(page.eval("document.querySelector('#newer').getAttribute('href')"))
          .isEqualTo("/holds/" + newer);
      assertThat(scene.state(hold)).isEqualTo("withdrawn");
      assertThat(scene.state(newer)).isEqualTo("held");
      assertThat(scene.runState(newer)).isEqualTo("held");
      assertThat(scene.admin.get("/api/v1/holds/" + newer).text()).doesNotContain("\"ada\"");
    }
  }

  @Test
  void thePageSaysByItselfThatTheCommitHasMoved() throws Exception {
    String hold = scene.held();
    try (Page page = scene.page("ada", "approver")) {
      page.open("/holds/" + hold);
      page.await("document.body.dataset.listening === 'true'");
      scene.request(HoldScene.B, PullRequestAction.SYNCHRONIZED);
      page.await("document.querySelector('#newer')");
      assertThat(page.text("#standing")).contains("withdrawn");
      assertThat(page.axe()).isEmpty();
      page.screenshots("hold-moved");
      assertThat(page.problems()).isEmpty();
    }
  }

  private Map<String, String> form(String cookie, String hold) throws Exception {
    String html = scene.get("/holds/" + hold, cookie).body();
    var fields = new HashMap<String, String>();
    SEEN.forEach(name -> fields.put(name, HoldScene.field(html, name)));
    return fields;
  }

  @Test
  void whoPutsAnotherCommitIntoTheRowAfterTheLookIsNotWhatIsApproved() throws Exception {
    String hold = scene.held();
    String cookie = scene.session(scene.user("ada", "approver"));
    Map<String, String> form = form(cookie, hold);
    sql("UPDATE hold SET head_id = '" + HoldScene.B + "' WHERE id = '" + hold + "'");
    var answer = scene.send("/holds/" + hold + "/approve", form, cookie);
    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(answer.body())
        .contains("you looked at the commit " + HoldScene.A + ", what waits is " + HoldScene.B);
    assertThat(scene.state(hold)).isEqualTo("held");
    // The control: as it was, the same form releases it.
    sql("UPDATE hold SET head_id = '" + HoldScene.A + "' WHERE id = '" + hold + "'");
    assertThat(scene.send("/holds/" + hold + "/approve", form, cookie).statusCode()).isEqualTo(303);
    assertThat(scene.state(hold)).isEqualTo("released");
  }

  @Test
  void aFormThatDoesNotSayWhatWasSeenOrSaysSomethingElseDecidesNothing() throws Exception {
    String hold = scene.held();
    String cookie = scene.session(scene.user("ada", "approver"));
    for (String name : List.of("head", "base", "definition")) {
      var less = new HashMap<>(form(cookie, hold));
      less.remove(name);
      assertThat(scene.send("/holds/" + hold + "/approve", less, cookie).statusCode())
          .as("without " + name)
          .isEqualTo(400);
      less.put("reason", "no");
      assertThat(scene.send("/holds/" + hold + "/reject", less, cookie).statusCode())
          .as("without " + name)
          .isEqualTo(400);
      var other = new HashMap<>(form(cookie, hold));
      other.put(
          name, name.equals("definition") ? "sha256:" + "0".repeat(63) + "1" : "c".repeat(40));
      assertThat(scene.send("/holds/" + hold + "/approve", other, cookie).statusCode())
          .as("another " + name)
          .isEqualTo(409);
    }
    assertThat(scene.state(hold)).isEqualTo("held");
  }

  @Test
  void anotherSitesFormDecidesNothing() throws Exception {
    String hold = scene.held();
    String cookie = scene.session(scene.user("ada", "approver"));
    Map<String, String> form = form(cookie, hold);
    for (String path : List.of("approve", "reject", "again")) {
      var forged = new HashMap<>(form);
      forged.put("reason", "x");
      forged.remove("csrf");
      assertThat(scene.send("/holds/" + hold + "/" + path, forged, cookie).statusCode())
          .isEqualTo(403);
      forged.put("csrf", "0".repeat(64));
      assertThat(scene.send("/holds/" + hold + "/" + path, forged, cookie).statusCode())
          .isEqualTo(403);
    }
    assertThat(scene.state(hold)).isEqualTo("held");
    // The control: with what the page of this session has, it counts.
    assertThat(scene.send("/holds/" + hold + "/approve", form, cookie).statusCode()).isEqualTo(303);
    assertThat(scene.state(hold)).isEqualTo("released");
  }

  private void sql(String statement) throws Exception {
    try (var connection =
            DriverManager.getConnection(
                "jdbc:sqlite:" + data.resolve(Database.FILE) + "?busy_timeout=10000");
        var prepared = connection.prepareStatement(statement)) {
      assertThat(prepared.executeUpdate()).isEqualTo(1);
    }
  }

  // ---- who may

  @Test
  void whoMayNotApproveSeesWhyAndCannotAllTheSame() throws Exception {
    String hold = scene.held();
    for (String role : List.of("viewer", "developer", "auditor")) {
      try (Page page = scene.page(role, role)) {
        page.open("/holds/" + hold);
        assertThat(page.count("#approve")).as(role).isZero();
        assertThat(page.count("#reject")).as(role).isZero();
        assertThat(page.text("#why-not"))
            .contains("needs the permission approve", "admin can give you");
        assertThat(page.count("#again")).as(role).isEqualTo(role.equals("developer") ? 1 : 0);
        if (role.equals("viewer")) {
          assertThat(page.axe()).isEmpty();
          page.screenshots("hold-may-not");
        }
      }
    }
    String cookie = scene.session(scene.user("ada", "approver"));
    Map<String, String> seen = form(cookie, hold);
    String viewer = scene.session(scene.token("viewer"));
    var form = new HashMap<>(seen);
    form.put("csrf", HoldScene.field(scene.get("/holds", viewer).body(), "csrf"));
    form.put("reason", "x");
    for (String path : List.of("approve", "reject", "again")) {
      assertThat(scene.send("/holds/" + hold + "/" + path, form, viewer).statusCode())
          .isEqualTo(403);
    }
    assertThat(scene.state(hold)).isEqualTo("held");
  }

  @Test
  void onesOwnPullRequestIsForSomebodyElse() throws Exception {
    try (var owner = new LinkedOwner(scene.stage)) {
      String quay = scene.stage.atForge("quay", owner.host(), 8, HoldScene.BASE);
      owner.link(scene.stage, "77");
      Contributor self = owner.contributor("77", "owner");
      scene.stage.deliver(
          new Event(
              "own",
              quay,
              scene.clock.instant(),
              Optional.of(self),
              new Happening.PullRequest(
                  3,
                  PullRequestAction.OPENED,
                  new RefName("main"),
                  HoldScene.BASE,
                  new RefName("mine"),
                  HoldScene.A,
                  true)),
          List.of(new Lookup.Known<>(self)));
      String hold =
          await()
              .until(
                  () ->
                      Optional.ofNullable(scene.stage.holds("quay").get(HoldScene.A.value()))
                          .orElse(""),
                  id -> !id.isEmpty());
      String token = scene.token("owner");
      String cookie = scene.session(token);
      String html = scene.get("/holds/" + hold, cookie).body();
      assertThat(html)
          .contains("own change is for somebody else to approve")
          .contains("is the user")
          .doesNotContain("id=\"approve\"");
      // With what somebody else's page has, and one's own session.
      String other = scene.session(scene.user("ada", "approver"));
      var form = new HashMap<>(form(other, hold));
      form.put("csrf", HoldScene.field(html, "csrf"));
      assertThat(scene.send("/holds/" + hold + "/approve", form, cookie).statusCode())
          .isEqualTo(403);
      assertThat(scene.state(hold)).isEqualTo("held");
      assertThat(onRecord("hold.approve", "refused")).isTrue();
      // The control: somebody else with the same page releases it.
      assertThat(scene.send("/holds/" + hold + "/approve", form(other, hold), other).statusCode())
          .isEqualTo(303);
      assertThat(scene.state(hold)).isEqualTo("released");
    }
  }

  @Test
  void whereTwoAreAskedForOneSaysYesAndThenAnother() throws Exception {
    var set =
        scene.admin.call(
            "PUT",
            "/api/v1/policy",
            """
            {"hold-known": true, "floor": "container", "approval": {"count": 2, "own": false},
             "hold-for": "24h"}\
            """
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(set.status()).as(set.text()).isEqualTo(200);
    String hold = scene.held();
    try (Page ada = scene.page("ada", "approver");
        Page bob = scene.page("bob", "approver")) {
      ada.open("/holds/" + hold);
      ada.follow("#approve");
      assertThat(ada.text("[aria-labelledby=h-decide]")).contains("1 of 2", "ada");
      assertThat(ada.text("#why-not")).contains("You approved it; it waits for somebody else");
      assertThat(ada.text("[aria-labelledby=h-policy]"))
          .contains("of the installation, set by admin");
      assertThat(scene.state(hold)).isEqualTo("held");
      ada.screenshots("hold-one-of-two");
      bob.open("/holds");
      assertThat(bob.text("#holds")).contains("1 of 2 said yes");
      bob.open("/holds/" + hold);
      bob.follow("#approve");
      assertThat(bob.text("#standing")).contains("released");
    }
    assertThat(scene.state(hold)).isEqualTo("released");
  }

  @Test
  void aRejectionHasAReasonAndIsOnRecord() throws Exception {
    String hold = scene.held();
    try (Page page = scene.page("ada", "approver")) {
      page.open("/holds/" + hold);
      page.click(".reject summary");
      page.fill("#reason", "mines coins");
      page.screenshots("hold-reject");
      page.follow("#reject");
      assertThat(page.text("#standing")).contains("rejected");
      assertThat(page.text("#news")).contains("mines coins", "ada");
      page.open("/holds?state=over");
      assertThat(page.text("#holds")).contains("rejected", "mines coins", "ada");
      assertThat(page.axe()).isEmpty();
      page.screenshots("holds-over");
      page.eachLook(look -> assertThat(page.fits()).as(look).isTrue());
      assertThat(page.problems()).isEmpty();
    }
    assertThat(scene.runState(hold)).isEqualTo("cancelled");
    assertThat(onRecord("hold.rejected", "mines coins")).isTrue();
    assertThat(onRecord("hold.rejected", "on the web page")).isTrue();
    String again = scene.held(4);
    String cookie = scene.session(scene.user("bob", "approver"));
    var form = new HashMap<>(form(cookie, again));
    form.put("reason", "   ");
    assertThat(scene.send("/holds/" + again + "/reject", form, cookie).statusCode()).isEqualTo(400);
    assertThat(scene.state(again)).isEqualTo("held");
  }

  @Test
  void whatCouldNotBeLookedUpIsDecidedAnew() throws Exception {
    String hold = scene.held();
    try (Page page = scene.page("dora", "developer")) {
      page.open("/holds/" + hold);
      page.follow("#again");
      assertThat(page.text("#standing")).contains("withdrawn");
      await().untilAsserted(() -> assertThat(scene.hold(HoldScene.A)).isNotEqualTo(hold));
      page.open("/holds");
      assertThat(page.count(".wait")).isEqualTo(1);
    }
    assertThat(onRecord("hold.withdrawn", "decided anew on the web page")).isTrue();
  }

  @Test
  void whoSeesOneRepositorySeesItsHoldsAndNoOthers() throws Exception {
    String hold = scene.held();
    scene.stage.repository("elsewhere");
    PageScene.expect(scene.admin.post("/api/v1/users", "{\"name\": \"eve\"}"), 201);
    PageScene.expect(
        scene.admin.post(
            "/api/v1/grants",
            "{\"to\": \"eve\", \"what\": \"approver\", \"repository\": \"elsewhere\"}"),
        201);
    String cookie = scene.session(scene.token("eve"));
    assertThat(scene.get("/holds", cookie).body())
        .contains("Nothing waits for a person")
        .doesNotContain("harbour");
    assertThat(scene.get("/holds?repository=harbour", cookie).body()).doesNotContain(hold);
    assertThat(scene.get("/holds/" + hold, cookie).statusCode()).isEqualTo(403);
    // The control: who may see it does, by the same addresses.
    String other = scene.session(scene.user("ada", "viewer"));
    assertThat(scene.get("/holds", other).body()).contains("harbour", hold);
    assertThat(scene.get("/holds/" + hold, other).statusCode()).isEqualTo(200);
  }
}
